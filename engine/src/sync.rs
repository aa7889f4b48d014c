//! What threads of the write path wait for: the standard library's primitives.
//!
//! Unit tests with the feature `shuttle` take those of the crate of that name instead: it runs threads one at a time, in orders that it
//! chooses and can repeat, and finds orders that a machine meets once in a year.

#[cfg(not(all(test, feature = "shuttle")))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, atomic};

#[cfg(all(test, feature = "shuttle"))]
pub(crate) use self::ordered::{Condvar, OnceLock};
#[cfg(all(test, feature = "shuttle"))]
pub(crate) use shuttle::sync::{Mutex, MutexGuard, atomic};

#[cfg(all(test, feature = "shuttle"))]
mod ordered {
    use std::fmt;
    use std::sync::LockResult;
    use std::time::Duration;

    use shuttle::sync::{Condvar as Bell, Mutex, MutexGuard};

    /// shuttle's, whose time is always over at once: it has no clock.
    #[derive(Debug, Default)]
    pub(crate) struct Condvar(Bell);

    impl Condvar {
        pub(crate) fn notify_one(&self) {
            self.0.notify_one();
        }

        pub(crate) fn notify_all(&self) {
            self.0.notify_all();
        }

        pub(crate) fn wait_timeout<'a, T>(
            &self,
            guard: MutexGuard<'a, T>,
            _: Duration,
        ) -> LockResult<(MutexGuard<'a, T>, bool)> {
            Ok((guard, true))
        }

        pub(crate) fn wait_timeout_while<'a, T>(
            &self,
            guard: MutexGuard<'a, T>,
            time: Duration,
            _: impl FnMut(&mut T) -> bool,
        ) -> LockResult<(MutexGuard<'a, T>, bool)> {
            self.wait_timeout(guard, time)
        }
    }

    /// The standard library's behaviour over shuttle's primitives.
    pub(crate) struct OnceLock<T> {
        value: std::sync::OnceLock<T>,
        is_set: Mutex<bool>,
        bell: Bell,
    }

    impl<T> Default for OnceLock<T> {
        fn default() -> OnceLock<T> {
            OnceLock { value: std::sync::OnceLock::new(), is_set: Mutex::new(false), bell: Bell::new() }
        }
    }

    impl<T> fmt::Debug for OnceLock<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("OnceLock")
        }
    }

    impl<T> OnceLock<T> {
        pub(crate) fn get(&self) -> Option<&T> {
            self.value.get()
        }

        pub(crate) fn set(&self, value: T) -> Result<(), T> {
            let mut is_set = self.is_set.lock().unwrap();
            self.value.set(value)?;
            *is_set = true;
            self.bell.notify_all();
            Ok(())
        }

        pub(crate) fn wait(&self) -> &T {
            let mut is_set = self.is_set.lock().unwrap();
            while !*is_set {
                is_set = self.bell.wait(is_set).unwrap();
            }
            self.value.get().unwrap()
        }
    }
}
