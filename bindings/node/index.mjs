// ESM. Named one by one, so that tools see the names without running anything.
import vectlite from './index.js'

export const {
  open, openAsync, openStore, openStoreAsync, sparseTerms, errorCodes,
  restore, restoreAsync, verify, verifyAsync,
  upsertText, upsertTextAsync, searchText, searchTextAsync, searchTextWithStats, searchTextWithStatsAsync,
  Database, ReadView, Store, Transaction, Analyzer, rerankers, configureOpenTelemetry,
  VectLiteError, VectLiteLockError, ClosedError, ReadOnlyError, DimensionMismatchError, InvalidArgumentError,
  AlreadyExistsError, NotFoundError, FilterError, CorruptionError, UnsupportedFormatError, StorageError
} = vectlite

export default vectlite
