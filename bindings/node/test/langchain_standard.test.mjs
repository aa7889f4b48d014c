// LangChain's suite for stores, which it has for Python only: the cases of `VectorStoreIntegrationTests` of langchain-tests.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { Document } from '@langchain/core/documents'
import { FakeEmbeddings } from '@langchain/core/utils/testing'
import { VectLiteVectorStore } from '../langchain/index.mjs'
import { atEnd, directory } from './helpers.mjs'

const ids = (documents) => documents.map((document) => document.id)

class Standard {
  static async empty(store) {
    assert.deepEqual(await store.similaritySearch('foo', 1), [])
  }

  static async 'adding documents'(store) {
    const original = [new Document({ pageContent: 'foo', metadata: { id: 1 } }), new Document({ pageContent: 'bar', metadata: { id: 2 } })]
    const made = await store.addDocuments(original)
    const found = await store.similaritySearch('bar', 2)
    assert.deepEqual(found.map(({ pageContent, metadata }) => [pageContent, metadata]).sort(), [['bar', { id: 2 }], ['foo', { id: 1 }]])
    assert.deepEqual(ids(found).sort(), [...made].sort())
    // What was given is not changed.
    assert.deepEqual(original, [new Document({ pageContent: 'foo', metadata: { id: 1 } }), new Document({ pageContent: 'bar', metadata: { id: 2 } })])
  }

  static async 'deleting documents'(store) {
    await store.addDocuments(['foo', 'bar'].map((pageContent) => new Document({ pageContent, metadata: {} })), { ids: ['1', '2'] })
    await store.delete({ ids: ['1'] })
    assert.deepEqual(await store.similaritySearch('foo', 1), [new Document({ pageContent: 'bar', metadata: {}, id: '2' })])
  }

  static async 'deleting several documents'(store) {
    await store.addDocuments(['foo', 'bar', 'baz'].map((pageContent) => new Document({ pageContent, metadata: {} })), { ids: ['1', '2', '3'] })
    await store.delete({ ids: ['1', '2'] })
    assert.deepEqual(ids(await store.similaritySearch('foo', 1)), ['3'])
  }

  static async 'deleting what is missing'(store) {
    await store.delete({ ids: ['1', '2', '3'] })
    assert.deepEqual(await store.similaritySearch('foo', 1), [])
  }

  static async 'adding documents with ids twice'(store) {
    const documents = ['foo', 'bar'].map((pageContent, n) => new Document({ pageContent, metadata: { id: n + 1 } }))
    await store.addDocuments(documents, { ids: ['1', '2'] })
    await store.addDocuments(documents, { ids: ['1', '2'] })
    assert.deepEqual(await store.similaritySearch('bar', 9).then((found) => ids(found).sort()), ['1', '2'])
  }

  static async 'adding a document over another one'(store) {
    await store.addDocuments(['foo', 'bar'].map((pageContent, n) => new Document({ pageContent, metadata: { id: n + 1 } })), { ids: ['1', '2'] })
    await store.addDocuments([new Document({ pageContent: 'new foo', metadata: { id: 1, some_other_field: 'foo' } })], { ids: ['1'] })
    const found = await store.similaritySearch('new foo', 2)
    const contents = Object.fromEntries(found.map((document) => [document.id, document]))
    assert.deepEqual(contents['1'], new Document({ id: '1', pageContent: 'new foo', metadata: { id: 1, some_other_field: 'foo' } }))
    assert.deepEqual(contents['2'], new Document({ id: '2', pageContent: 'bar', metadata: { id: 2 } }))
  }

  static async 'getting by ids'(store) {
    const documents = ['foo', 'bar'].map((pageContent, n) => new Document({ pageContent, metadata: { id: n + 1 } }))
    const made = await store.addDocuments(documents, { ids: ['1', '2'] })
    assert.deepEqual(await store.getByIds(made), documents.map((document, n) => new Document({ ...document, id: made[n] })))
  }

  static async 'getting what is missing'(store) {
    assert.deepEqual(await store.getByIds(['1', '2', '3']), [])
  }

  static async 'adding documents that have ids'(store) {
    const documents = [new Document({ id: 'foo', pageContent: 'foo', metadata: { id: 1 } }), new Document({ pageContent: 'bar', metadata: { id: 2 } })]
    const made = await store.addDocuments(documents)
    assert.equal(made[0], 'foo')
    assert.match(made[1], /^[0-9a-f-]{36}$/)
    assert.deepEqual(ids(await store.getByIds(made)), made)
  }
}

for (const name of Object.getOwnPropertyNames(Standard).filter((name) => !['length', 'name', 'prototype'].includes(name))) {
  test(`standard: ${name}`, async (t) => {
    const store = new VectLiteVectorStore(new FakeEmbeddings({}), { database: join(directory(t), 'chain.vdb') })
    atEnd(t, () => store.close())
    await Standard[name](store)
  })
}
