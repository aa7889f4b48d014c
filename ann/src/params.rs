//! How a graph is built and searched.

use crate::Error;

/// The knobs of the graph, by the names the field uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Params {
    /// Links that a node chooses for itself in each layer; in layer 0 it may be given as many again. 4 to 64.
    pub m: usize,
    /// How many candidates those links are chosen from, 8 to 4,096. More take longer and are better.
    pub ef_construction: usize,
    /// How widely a search looks, as a number of candidates, up to 65,536. `None`: [`DEFAULT_EF_SEARCH`].
    pub ef_search: Option<usize>,
    /// How many nodes of a first load hnsw_rs inserts, 1 or more; `usize::MAX`: all of them.
    pub seeds: usize,
}

/// The default of `ef_search`: recall@10 of 0.98 and more on the sentence embeddings that we measure with.
pub const DEFAULT_EF_SEARCH: usize = 64;

impl Default for Params {
    fn default() -> Params {
        Params { m: 16, ef_construction: 200, ef_search: None, seeds: 5_000 }
    }
}

impl Params {
    /// The parameters, if each is in its range.
    pub fn validate(self) -> Result<Params, Error> {
        let check = |name: &'static str, value: usize, least: usize, most: usize| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(Error::Parameter { name, value, least, most })
            }
        };
        check("m", self.m, 4, 64)?;
        check("ef_construction", self.ef_construction, 8, 4_096)?;
        check("ef_search", self.ef_search.unwrap_or(DEFAULT_EF_SEARCH), 1, 65_536)?;
        check("seeds", self.seeds, 1, usize::MAX)?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_ranges() {
        let good = Params::default();
        assert_eq!(good.validate().unwrap(), good);
        let bad = [
            Params { m: 3, ..good },
            Params { m: 65, ..good },
            Params { ef_construction: 7, ..good },
            Params { ef_construction: 4_097, ..good },
            Params { ef_search: Some(0), ..good },
            Params { ef_search: Some(65_537), ..good },
            Params { seeds: 0, ..good },
        ];
        for params in bad {
            let message = params.validate().unwrap_err().to_string();
            assert!(message.contains("must be"), "{message}");
        }
    }
}
