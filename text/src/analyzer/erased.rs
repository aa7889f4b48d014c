//! Tokenizers behind one type, so that a pipeline can be put together while the program runs.

use tantivy_tokenizer_api::{BoxTokenStream, TokenFilter, Tokenizer};

/// A tokenizer whose type is forgotten.
pub(super) struct Erased(Box<dyn AnyTokenizer>);

trait AnyTokenizer: Send + Sync {
    fn stream<'a>(&'a mut self, text: &'a str) -> BoxTokenStream<'a>;
    fn boxed(&self) -> Box<dyn AnyTokenizer>;
}

impl<T: Tokenizer> AnyTokenizer for T {
    fn stream<'a>(&'a mut self, text: &'a str) -> BoxTokenStream<'a> {
        BoxTokenStream::new(self.token_stream(text))
    }

    fn boxed(&self) -> Box<dyn AnyTokenizer> {
        Box::new(self.clone())
    }
}

impl Erased {
    pub(super) fn new(tokenizer: impl Tokenizer) -> Erased {
        Erased(Box::new(tokenizer))
    }

    /// The same tokens with one more step behind them.
    pub(super) fn then(self, filter: impl TokenFilter) -> Erased {
        Erased::new(filter.transform(self))
    }
}

impl Clone for Erased {
    fn clone(&self) -> Erased {
        Erased(self.0.boxed())
    }
}

impl Tokenizer for Erased {
    type TokenStream<'a> = BoxTokenStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> BoxTokenStream<'a> {
        self.0.stream(text)
    }
}
