//! Randomness as a value: identifiers and jitter drawn from a seed that is passed in.

use std::{fmt, sync::Mutex, time::Duration};

use rand::{Rng, RngExt, SeedableRng, rngs::StdRng};
use uuid::Uuid;

use crate::Timestamp;

/// Draws identifiers and jitter. One stands in each process; tests seed it, so that a failing run can be repeated.
pub struct Mint(Mutex<StdRng>);

impl Mint {
    /// A mint whose draws follow from `seed` alone.
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    /// A mint that no one can predict, seeded by the operating system.
    pub fn unpredictable() -> Self {
        Self(Mutex::new(StdRng::from_rng(&mut rand::rng())))
    }

    /// A UUIDv7 (RFC 9562) of the instant `now`, as the identifier type that is asked for.
    pub fn id<T: From<Uuid>>(&self, now: Timestamp) -> T {
        let mut bytes = [0; 10];
        self.fill(&mut bytes);
        let millis = u64::try_from(now.0).unwrap_or(0);
        T::from(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
    }

    /// A length drawn evenly from zero up to, not including, `limit`.
    pub fn up_to(&self, limit: Duration) -> Duration {
        limit.mul_f64(self.fraction())
    }

    /// `length` drawn evenly from `length × (1 − share)` to `length × (1 + share)`; share from 0 to 1.
    pub fn around(&self, length: Duration, share: f64) -> Duration {
        length.mul_f64(1.0 + share * (2.0 * self.fraction() - 1.0))
    }

    /// A number drawn evenly from 0 up to, not including, 1.
    pub fn fraction(&self) -> f64 {
        self.locked(|rng| rng.random())
    }

    /// Fills `bytes` with random ones.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.locked(|rng| rng.fill_bytes(bytes));
    }

    fn locked<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        // A generator has no state that a panic could leave half-made, so a poisoned lock is as good as any.
        let mut rng = self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        draw(&mut rng)
    }
}

impl fmt::Debug for Mint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mint")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_draws_again() {
        let draw = || {
            let mint = Mint::seeded(7);
            (
                mint.id::<Uuid>(Timestamp(1_000)),
                mint.around(Duration::from_secs(10), 0.2),
            )
        };
        assert_eq!(draw(), draw());
        assert!(draw().1 >= Duration::from_secs(8) && draw().1 <= Duration::from_secs(12));
        assert_eq!(draw().0.get_version_num(), 7);
    }
}
