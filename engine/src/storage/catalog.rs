//! What a read knows without a look-up: settings, namespaces, vector spaces, field indexes, live slots, text statistics.
//!
//! The catalog is absolute (never a difference to something), cheap to clone (persistent maps), and stored in the
//! tables `meta`, `namespaces`, `spaces`, `live` and `lengths` at each checkpoint.

use std::sync::Arc;

use rpds::{HashTrieMapSync, RedBlackTreeMapSync};
use vectlite_ann::Metric;

use super::codec::{Decoder, Encoder, unseal};
use super::fields::definition::Fields;
use super::lengths::Lengths;
use super::record::{NamespaceId, Slot};
use super::settings::Settings;
use super::slot_set::SlotSet;
use super::tables::key;
use super::vectors;
use crate::error::{Error, Result};
use crate::index_config::IndexConfig;
use crate::limits::{MAX_SLOTS, MAX_SPACES};

/// Number of a vector space, given at its first vector; 0 is the default space.
pub(crate) type SpaceId = u16;
/// The space without a name.
pub(crate) const DEFAULT_SPACE: SpaceId = 0;

/// A set of records of a namespace that is kept as a bitmap of live slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Population {
    /// Records with a vector in this space.
    Space(SpaceId),
    /// Records with at least one term.
    Text,
    /// All records.
    Records,
}

impl Population {
    /// How it is numbered in keys: a space by its id, the others from the top of the range.
    pub(crate) fn code(self) -> u16 {
        match self {
            Population::Space(space) => space,
            Population::Text => u16::MAX - 1,
            Population::Records => u16::MAX,
        }
    }
}

/// A named set of vectors with one dimension and metric.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Space {
    pub(crate) id: SpaceId,
    pub(crate) name: Arc<str>,
    pub(crate) dimension: usize,
    pub(crate) metric: Metric,
    /// Consecutive slots that share a value of the table `vectors`.
    pub(crate) rows_per_chunk: u32,
}

impl Space {
    pub(crate) fn new(id: SpaceId, name: &str, dimension: usize, metric: Metric) -> Space {
        Space {
            id,
            name: Arc::from(name),
            dimension,
            metric,
            rows_per_chunk: vectors::rows_per_chunk(dimension),
        }
    }

    /// `name | dimension u32 | metric name | rows a chunk u32`, sealed.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::sealed();
        encoder.string(&self.name).u32(self.dimension as u32);
        encoder.string(self.metric.name()).u32(self.rows_per_chunk);
        encoder.seal("spaces", &key::space(self.id))
    }

    pub(crate) fn decode(id: SpaceId, value: &[u8]) -> Result<Space> {
        let mut decoder = Decoder::new("a vector space", unseal("spaces", &key::space(id), value)?);
        let name = Arc::from(decoder.string()?);
        let dimension = decoder.u32()? as usize;
        let metric = decoder.string()?.parse().map_err(|_| decoder.malformed())?;
        let rows_per_chunk = decoder.u32()?;
        if rows_per_chunk != vectors::rows_per_chunk(dimension) {
            return Err(decoder.malformed());
        }
        decoder.finish()?;
        Ok(Space { id, name, dimension, metric, rows_per_chunk })
    }
}

/// A namespace's name and the sum of its live text lengths (its counts are those of its populations).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Namespace {
    pub(crate) name: Arc<str>,
    pub(crate) text_length: f64,
}

impl Namespace {
    /// `namespace id u32 | text length f64`, sealed.
    pub(crate) fn encode(&self, id: NamespaceId) -> Vec<u8> {
        let mut encoder = Encoder::sealed();
        encoder.u32(id).f64(self.text_length);
        encoder.seal("namespaces", self.name.as_bytes())
    }

    pub(crate) fn decode(name: &str, value: &[u8]) -> Result<(NamespaceId, Namespace)> {
        let mut decoder = Decoder::new("a namespace", unseal("namespaces", name.as_bytes(), value)?);
        let id = decoder.u32()?;
        let text_length = decoder.f64()?;
        decoder.finish()?;
        Ok((id, Namespace { name: Arc::from(name), text_length }))
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Catalog {
    pub(crate) uuid: [u8; 16],
    /// Raised by every renumbering of slots; whatever was derived under another epoch is void.
    pub(crate) slot_epoch: u64,
    pub(crate) settings: Arc<Settings>,
    pub(crate) index_config: IndexConfig,
    /// What is indexed; an index is of use once a checkpoint has built it.
    pub(crate) fields: Fields,
    pub(crate) next_slot: Slot,
    pub(crate) lengths: Lengths,
    numbers: HashTrieMapSync<Arc<str>, NamespaceId>,
    namespaces: RedBlackTreeMapSync<NamespaceId, Namespace>,
    spaces: Arc<Vec<Space>>,
    live: RedBlackTreeMapSync<(NamespaceId, u16), SlotSet>,
    /// The union of those, by population: with thousands of namespaces nobody has time to ask each.
    live_in_all: RedBlackTreeMapSync<u16, SlotSet>,
}

impl Catalog {
    pub(crate) fn new(uuid: [u8; 16], slot_epoch: u64, settings: Settings) -> Catalog {
        Catalog {
            uuid,
            slot_epoch,
            settings: Arc::new(settings),
            index_config: IndexConfig::default(),
            fields: Fields::default(),
            next_slot: 0,
            lengths: Lengths::default(),
            numbers: HashTrieMapSync::new_sync(),
            namespaces: RedBlackTreeMapSync::new_sync(),
            spaces: Arc::new(Vec::new()),
            live: RedBlackTreeMapSync::new_sync(),
            live_in_all: RedBlackTreeMapSync::new_sync(),
        }
    }

    /// The id of a namespace that was written to at least once.
    pub(crate) fn namespace_id(&self, name: &str) -> Option<NamespaceId> {
        self.numbers.get(name).copied()
    }

    pub(crate) fn namespace(&self, id: NamespaceId) -> Option<&Namespace> {
        self.namespaces.get(&id)
    }

    /// All namespaces, by id.
    pub(crate) fn namespaces(&self) -> impl Iterator<Item = (NamespaceId, &Namespace)> {
        self.namespaces.iter().map(|(id, namespace)| (*id, namespace))
    }

    /// The id of the next namespace, or the error that says that there are no more.
    pub(crate) fn next_namespace(&self) -> Result<NamespaceId> {
        let next = self.namespaces.last().map_or(Some(0), |(id, _)| id.checked_add(1));
        next.ok_or_else(|| Error::corruption("the last possible namespace is in use; run verify"))
    }

    pub(crate) fn put_namespace(&mut self, id: NamespaceId, namespace: Namespace) {
        self.numbers.insert_mut(Arc::clone(&namespace.name), id);
        self.namespaces.insert_mut(id, namespace);
    }

    pub(crate) fn add_text_length(&mut self, id: NamespaceId, difference: f64) {
        if let Some(namespace) = self.namespaces.get_mut(&id) {
            namespace.text_length += difference;
        }
    }

    /// Ascending by id; the default space is the first.
    pub(crate) fn spaces(&self) -> &[Space] {
        &self.spaces
    }

    pub(crate) fn space(&self, name: &str) -> Option<&Space> {
        self.spaces.iter().find(|space| space.name.as_ref() == name)
    }

    pub(crate) fn space_by_id(&self, id: SpaceId) -> Option<&Space> {
        self.spaces.get(usize::from(id))
    }

    /// Adds the space whose id is the number of spaces so far.
    pub(crate) fn add_space(&mut self, space: Space) -> Result<()> {
        if usize::from(space.id) != self.spaces.len() {
            return Err(Error::corruption("vector spaces are not numbered from 0 without gaps; run verify"));
        }
        if self.spaces.len() >= MAX_SPACES {
            return Err(Error::invalid(format!("a database holds at most {MAX_SPACES} vector spaces")));
        }
        Arc::make_mut(&mut self.spaces).push(space);
        Ok(())
    }

    /// The live slots of a population; expired records count until their sweep.
    pub(crate) fn live(&self, namespace: NamespaceId, population: Population) -> Option<&SlotSet> {
        self.live.get(&(namespace, population.code()))
    }

    /// The live slots of a population, in all namespaces.
    pub(crate) fn live_in_all(&self, population: Population) -> Option<&SlotSet> {
        self.live_in_all.get(&population.code())
    }

    /// The same of a namespace by its name, or of all.
    pub(crate) fn live_of(&self, namespace: Option<&str>, population: Population) -> Option<&SlotSet> {
        match namespace {
            Some(name) => self.namespace_id(name).and_then(|id| self.live(id, population)),
            None => self.live_in_all(population),
        }
    }

    pub(crate) fn live_len(&self, namespace: NamespaceId, population: Population) -> u64 {
        self.live(namespace, population).map_or(0, SlotSet::len)
    }

    /// Every set of live slots, as `((namespace, population code), set)`, in the order of the table `live`.
    pub(crate) fn live_sets(&self) -> impl Iterator<Item = ((NamespaceId, u16), &SlotSet)> {
        self.live.iter().map(|(key, set)| (*key, set))
    }

    pub(crate) fn live_set(&self, key: (NamespaceId, u16)) -> Option<&SlotSet> {
        self.live.get(&key)
    }

    /// Takes in a set read from a file, the only one of its key.
    pub(crate) fn put_live_set(&mut self, key: (NamespaceId, u16), set: SlotSet) {
        match self.live_in_all.get_mut(&key.1) {
            Some(all) => all.extend(&set),
            None => self.live_in_all.insert_mut(key.1, set.clone()),
        }
        self.live.insert_mut(key, set);
    }

    pub(crate) fn set_live(&mut self, namespace: NamespaceId, population: Population, slot: Slot) {
        let key = (namespace, population.code());
        insert(&mut self.live, key, slot);
        insert(&mut self.live_in_all, key.1, slot);
    }

    /// Whether the slot was live in this population.
    pub(crate) fn set_dead(&mut self, namespace: NamespaceId, population: Population, slot: Slot) -> bool {
        let key = (namespace, population.code());
        if !self.live.get(&key).is_some_and(|set| set.contains(slot)) {
            return false;
        }
        if let Some(all) = self.live_in_all.get_mut(&key.1) {
            all.remove(slot);
        }
        self.live.get_mut(&key).is_some_and(|set| set.remove(slot))
    }

    /// The slot of the next version of a record, or the error that says that there are no more.
    pub(crate) fn allocate_slot(&mut self) -> Result<Slot> {
        if u64::from(self.next_slot) >= MAX_SLOTS {
            return Err(Error::invalid(format!(
                "all {MAX_SLOTS} slots are used; call compact() to renumber them"
            )));
        }
        let slot = self.next_slot;
        self.next_slot += 1;
        Ok(slot)
    }

    /// Live vectors of a space, in all namespaces.
    pub(crate) fn vectors(&self, space: SpaceId) -> u64 {
        self.live_in_all(Population::Space(space)).map_or(0, SlotSet::len)
    }

    /// Records that are live, and slots that are not: what compaction would drop.
    pub(crate) fn live_and_dead(&self) -> (u64, u64) {
        let live = self.live_in_all(Population::Records).map_or(0, SlotSet::len);
        (live, u64::from(self.next_slot).saturating_sub(live))
    }
}

fn insert<K: Clone + Ord>(sets: &mut RedBlackTreeMapSync<K, SlotSet>, key: K, slot: Slot) {
    match sets.get_mut(&key) {
        Some(set) => _ = set.insert(slot),
        None => sets.insert_mut(key, SlotSet::from_iter([slot])),
    }
}
