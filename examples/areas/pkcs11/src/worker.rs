//! One thread that owns what blocks, and futures that wait for it.

use futures_channel::oneshot;
use std::sync::mpsc::{Sender, channel};
use std::thread;

type Job<T> = Box<dyn FnOnce(&mut T) + Send>;

/// The thread. Dropping this waits until it has let go of what it owned.
pub struct Worker<T> {
    jobs: Option<Sender<Job<T>>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl<T: Send + 'static> Worker<T> {
    /// None when the system has no thread left.
    #[allow(
        clippy::disallowed_methods,
        reason = "a blocking library, outside the core, needs a thread of its own"
    )]
    pub fn start(mut owned: T) -> Option<Self> {
        let (jobs, queue) = channel::<Job<T>>();
        let work = move || {
            while let Ok(job) = queue.recv() {
                job(&mut owned);
            }
        };
        let thread = thread::Builder::new().name("idwallet-token".into()).spawn(work).ok()?;
        Some(Self {
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Has the thread do something. A future that is dropped before its turn leaves it undone. None when the thread is gone.
    pub async fn run<R: Send + 'static>(&self, job: impl FnOnce(&mut T, Undo<T>) -> R + Send + 'static) -> Option<R> {
        let (answer, waiting) = oneshot::channel();
        let jobs = self.jobs.as_ref()?;
        let undo = Undo(jobs.clone());
        let job: Job<T> = Box::new(move |owned| {
            if !answer.is_canceled() {
                // When nobody waits any more, the answer is dropped and undoes what it guards.
                let _ = answer.send(job(owned, undo));
            }
        });
        jobs.send(job).ok()?;
        waiting.await.ok()
    }
}

impl<T> Drop for Worker<T> {
    fn drop(&mut self) {
        // No future is left, for each borrows the worker; what dropped ones have to undo is in the queue.
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// How a job says what is to be done if its answer reaches nobody.
pub struct Undo<T>(Sender<Job<T>>);

impl<T> Undo<T> {
    pub fn guard<R>(self, value: R, undo: impl FnOnce(&mut T) + Send + 'static) -> Guarded<R, T> {
        Guarded {
            value,
            pending: Pending {
                undo: Some(Box::new(undo)),
                jobs: self.0,
            },
        }
    }
}

/// An answer that is undone when it is dropped and not [kept](Self::keep).
pub struct Guarded<R, T> {
    value: R,
    pending: Pending<T>,
}

impl<R, T> Guarded<R, T> {
    pub fn keep(self) -> R {
        let Self { value, mut pending } = self;
        pending.undo = None;
        value
    }
}

struct Pending<T> {
    undo: Option<Job<T>>,
    jobs: Sender<Job<T>>,
}

impl<T> Drop for Pending<T> {
    fn drop(&mut self) {
        if let Some(undo) = self.undo.take() {
            let _ = self.jobs.send(undo);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future as _;
    use std::pin::pin;
    use std::sync::mpsc;
    use std::task::{Context, Waker};

    /// A worker over a number, whose first job waits until it is told to go on.
    fn held() -> (Worker<i32>, mpsc::Sender<()>) {
        let (go, wait) = channel();
        let worker = Worker::start(0).unwrap();
        let job: Job<i32> = Box::new(move |_| wait.recv().unwrap());
        worker.jobs.as_ref().unwrap().send(job).unwrap();
        (worker, go)
    }

    fn add_guarded(worker: &Worker<i32>) -> impl Future<Output = Option<Guarded<i32, i32>>> {
        worker.run(|number, undo| {
            *number = i32::wrapping_add(*number, 1);
            undo.guard(*number, |number| *number = 0)
        })
    }

    fn value(worker: &Worker<i32>) -> i32 {
        pollster::block_on(worker.run(|number, _| *number)).unwrap()
    }

    #[test]
    fn what_is_kept_stays() {
        let (worker, go) = held();
        go.send(()).unwrap();
        assert_eq!(pollster::block_on(add_guarded(&worker)).map(Guarded::keep), Some(1));
        assert_eq!(value(&worker), 1);
    }

    #[test]
    fn a_future_dropped_before_its_turn_does_nothing() {
        let (worker, go) = held();
        {
            let mut future = pin!(add_guarded(&worker));
            assert!(
                future
                    .as_mut()
                    .poll(&mut Context::from_waker(Waker::noop()))
                    .is_pending()
            );
        }
        go.send(()).unwrap();
        assert_eq!(value(&worker), 0);
    }

    #[test]
    fn an_answer_that_nobody_takes_is_undone() {
        let (worker, go) = held();
        {
            let mut future = pin!(add_guarded(&worker));
            assert!(
                future
                    .as_mut()
                    .poll(&mut Context::from_waker(Waker::noop()))
                    .is_pending()
            );
            go.send(()).unwrap();
            // The job has run, and its answer waits in the channel.
            assert_eq!(value(&worker), 1);
        }
        assert_eq!(value(&worker), 0);
    }

    #[test]
    fn a_job_that_panics_ends_the_thread_and_nobody_waits_for_it() {
        let worker = Worker::start(0).unwrap();
        assert!(pollster::block_on(worker.run(|_, _| -> () { panic!("the module broke") })).is_none());
        assert!(pollster::block_on(worker.run(|number, _| *number)).is_none());
    }
}
