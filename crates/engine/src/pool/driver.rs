//! The task that owns a run: it alone decides what is asked, when, of whom, and what a result
//! means. Requests, the journal's thread and the clock send it messages; it takes them one at a
//! time and tells the listeners.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use avibench_store::{AskOutcome, Entry, EntryError, FailureKind, Recorder, RecorderEvent};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::budget::Budget;
use super::flight::{Flight, Queue, Slot};
use super::limit::{Admission, Limit};
use super::refusals::{Gate, Refusals, Turn};
use super::replicas::{Change, Pick, Replicas};
use super::retry::{Next, RetryPolicy};
use super::window::Window;
use crate::ask::{Asked, Backend, Question, Reply, ShownFiles};
use crate::broadcast::Broadcast;
use crate::estimate::{Estimate, Estimator, text_tokens};
use crate::event::Event;
use crate::failure::{Failure, excerpt};
use crate::remarks::Remarks;
use crate::run::Finish;
use crate::stop::Urgency;
use crate::summary::{End, Trouble};
use crate::waits;

/// If this many requests are rejected in the same words before any is answered, the run stops,
/// because the rest would be rejected too.
const SAME_REJECTION: usize = 100;

/// The backend, the recorder and the channels that a driver works with.
pub(crate) struct Crew<'a> {
    pub(crate) backend: Arc<Backend>,
    pub(crate) recorder: Recorder,
    pub(crate) reports: UnboundedReceiver<RecorderEvent>,
    pub(crate) broadcast: &'a mut Broadcast,
    pub(crate) stop: watch::Receiver<Urgency>,
}

/// The limits, retries and formats that a driver keeps to.
pub(crate) struct Rules {
    pub(crate) retry: RetryPolicy,
    pub(crate) limit: Limit,
    pub(crate) requests: Option<Window>,
    pub(crate) tokens: Option<Window>,
    pub(crate) budget: Option<Budget>,
    /// Time for what is in flight when the run is to stop.
    pub(crate) grace: Duration,
    /// `name@hash` for the journal.
    pub(crate) profile: Option<String>,
    /// Foresees what a request takes.
    pub(crate) estimator: Estimator,
    pub(crate) finish: Option<Finish>,
    /// Who makes the media of an ablation.
    pub(crate) rewritten: Option<ShownFiles>,
}

/// How a driver ended.
pub(crate) struct Ended {
    pub(crate) end: End,
    pub(crate) troubles: BTreeMap<FailureKind, Trouble>,
    pub(crate) remarks: Remarks,
}

pub(crate) struct Driver<'a> {
    crew: Crew<'a>,
    rules: Rules,
    slots: Vec<Slot>,
    queue: Queue,
    hosts: Vec<String>,
    replicas: Replicas,
    refusals: Refusals,
    flights: JoinSet<Result<Asked, Failure>>,
    in_flight: HashMap<Id, Flight>,
    /// For each source that is being asked about, the slots that wait for the same answer.
    coalesced: HashMap<String, Vec<usize>>,
    /// `Finished` events whose entries are on their way to the disk, in order.
    unwritten: VecDeque<Event>,
    ending: Option<(End, Instant)>,
    troubles: BTreeMap<FailureKind, Trouble>,
    remarks: Remarks,
    answered: bool,
    /// The last rejection before any answer, and how often it came in a row.
    rejections: (String, usize),
    /// What the last failed connection said, and what to do.
    last_connection: String,
}

impl<'a> Driver<'a> {
    /// A driver for these jobs.
    pub(crate) fn new(crew: Crew<'a>, rules: Rules, slots: Vec<Slot>) -> Self {
        let hosts = crew.backend.hosts();
        Self {
            replicas: Replicas::new(hosts.len()),
            queue: Queue::new(0..slots.len()),
            refusals: Refusals::default(),
            hosts,
            crew,
            rules,
            slots,
            flights: JoinSet::new(),
            in_flight: HashMap::new(),
            coalesced: HashMap::new(),
            unwritten: VecDeque::new(),
            ending: None,
            troubles: BTreeMap::new(),
            remarks: Remarks::default(),
            answered: false,
            rejections: (String::new(), 0),
            last_connection: String::new(),
        }
    }

    /// Works until every job is done or the run has to end; everything is on disk afterwards.
    pub(crate) async fn run(mut self) -> Ended {
        let mut tick = interval(Duration::from_secs(1));
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        self.note_urgency();
        loop {
            let wake = match &self.ending {
                Some((_, deadline)) => Some(*deadline),
                None => self.send_what_may_go(),
            };
            if self.flights.is_empty()
                && self.unwritten.is_empty()
                && (self.ending.is_some() || self.queue.is_empty())
            {
                break;
            }
            let due = wake.unwrap_or_else(Instant::now);
            tokio::select! {
                biased;
                Ok(()) = self.crew.stop.changed() => self.note_urgency(),
                _ = tick.tick() => self.crew.broadcast.emit(&Event::Tick),
                Some(report) = self.crew.reports.recv() => self.take_report(report),
                Some(ended) = self.flights.join_next_with_id(), if !self.flights.is_empty() => {
                    self.take_result(ended);
                }
                () = sleep_until(due), if wake.is_some() => self.note_deadline(),
            }
        }
        self.close().await
    }

    /// Lets the recorder finish and takes its last reports.
    async fn close(mut self) -> Ended {
        let thread = self.crew.recorder.finish();
        let mut broken = None;
        while let Some(report) = self.crew.reports.recv().await {
            match report {
                RecorderEvent::Written(_) => {}
                RecorderEvent::Saved(folder) => self.crew.broadcast.emit(&Event::Saved { folder }),
                RecorderEvent::Broken(error) => broken = Some(error.to_string()),
            }
        }
        if thread.join().is_err() {
            broken.get_or_insert_with(|| "the journal's thread broke down".to_owned());
        }
        let end = match (self.ending, broken) {
            (Some((end @ End::Unwritable { .. }, _)), _) | (Some((end, _)), None) => end,
            (_, Some(message)) => End::Unwritable { message },
            (None, None) => End::Finished,
        };
        Ended { end, troubles: self.troubles, remarks: self.remarks }
    }

    /// Sends requests until none may go; returns when one may go again, if the clock decides.
    fn send_what_may_go(&mut self) -> Option<Instant> {
        loop {
            let now = Instant::now();
            let gate = self.refusals.gate(now);
            match gate {
                _ if self.queue.is_empty() => return None,
                Gate::Wait(until) => return Some(until),
                Gate::WaitForProbe => return None,
                Gate::Probe => {
                    let slots = &self.slots;
                    self.queue.put_smallest_first(now, |slot| size_of_media(&slots[slot]));
                }
                Gate::Open => {}
            }
            let slot = match self.queue.peek(now) {
                Ok(slot) => slot,
                Err(due) => return due,
            };
            if self.reject_unsendable(slot) || self.waits_for_same_question(slot) {
                self.queue.pop(now);
                continue;
            }
            match self.rules.limit.admit(self.in_flight.len(), now) {
                Admission::Go => {}
                Admission::Raised => self.tell_limit(),
                Admission::Wait(until) => return until,
            }
            if self.replicas.is_hopeless(self.rules.retry.tries, self.rules.retry.patience, now) {
                self.end(End::Unreachable { message: self.last_connection.clone() });
                return None;
            }
            let replica = match self.replicas.pick(now) {
                Pick::Replica(replica) => replica,
                Pick::Wait(until) => return Some(until),
                Pick::WaitForProbe => return None,
            };
            let needs_estimate = self.rules.tokens.is_some() || self.rules.budget.is_some();
            let estimate = if needs_estimate {
                self.rules.estimator.estimate(&self.slots[slot].job)
            } else {
                Estimate::default()
            };
            if let Some(budget) = &self.rules.budget
                && let Some(limit) = budget.exhausted(self.in_flight.len(), &estimate)
            {
                // What is in flight may turn out cheaper than feared.
                if self.in_flight.is_empty() && self.unwritten.is_empty() {
                    self.end(End::CostLimit { limit });
                }
                return None;
            }
            let requests = self.rules.requests.as_mut().and_then(|window| window.wait(1, now));
            let wanted = estimate.tokens_in;
            let tokens = self.rules.tokens.as_mut().and_then(|window| window.wait(wanted, now));
            if let Some(until) = requests.max(tokens) {
                return Some(until);
            }
            self.queue.pop(now);
            let is_probe = gate == Gate::Probe;
            if is_probe {
                self.refusals.probe();
            }
            self.send(slot, replica, estimate, is_probe, now);
        }
    }

    /// Ends a job whose media cannot be sent. False if it can be asked.
    fn reject_unsendable(&mut self, index: usize) -> bool {
        let job = &self.slots[index].job;
        if let Err(reason) = &job.media {
            let failure = Failure::Medium(reason.to_string());
            self.give_up(index, AskOutcome::Rejected, &failure);
            return true;
        }
        false
    }

    /// Coalesces a slot with one whose question is the same and is being asked already: the slot
    /// waits for that answer.
    fn waits_for_same_question(&mut self, index: usize) -> bool {
        let Slot { job, tries, .. } = &self.slots[index];
        let waiting = job.source.as_ref().and_then(|source| self.coalesced.get_mut(source));
        match waiting {
            Some(waiting) if tries.made == 0 => {
                waiting.push(index);
                true
            }
            _ => false,
        }
    }

    /// The slots that wait for the answer to this one.
    fn release_coalesced(&mut self, index: usize) -> Vec<usize> {
        let source = self.slots[index].job.source.as_ref();
        source.and_then(|source| self.coalesced.remove(source)).unwrap_or_default()
    }

    fn send(
        &mut self,
        index: usize,
        replica: usize,
        estimate: Estimate,
        is_probe: bool,
        now: Instant,
    ) {
        if let Some(window) = &mut self.rules.requests {
            window.spend(1, now);
        }
        let tokens = self.rules.tokens.as_mut();
        let tokens = tokens.map(|window| window.spend(estimate.tokens_in, now));
        self.replicas.sent(replica, now);
        let slot = &mut self.slots[index];
        slot.tries.made += 1;
        let attempt = slot.tries.made;
        if let Some(source) = &slot.job.source {
            self.coalesced.entry(source.clone()).or_default();
        }
        let (text, shown) = (slot.job.text.clone(), slot.job.shown.clone());
        let media = slot.job.media.clone().unwrap_or_default();
        let rewritten = self.rules.rewritten.clone();
        self.crew.broadcast.emit(&Event::Sent { job: slot.name(), attempt, replica });
        let backend = Arc::clone(&self.crew.backend);
        let handle = self.flights.spawn(async move {
            match (shown, rewritten) {
                (None, _) => backend.ask(&Question { text, media }, replica).await,
                (Some(shown), Some(files)) => files.ask(&backend, text, &shown, replica).await,
                (Some(_), None) => Err(Failure::Settings(
                    "the run has media to rewrite, but no folder to keep them in".to_owned(),
                )),
            }
        });
        let term = self.rules.limit.term(self.in_flight.len());
        let flight = Flight { slot: index, replica, term, tokens, is_probe, estimate };
        self.in_flight.insert(handle.id(), flight);
    }

    fn take_result(&mut self, ended: Result<(Id, Result<Asked, Failure>), JoinError>) {
        let (id, result) = match ended {
            Ok(ended) => ended,
            Err(error) => {
                let broke = Failure::Worker(format!("a request broke down: {error}"));
                (error.id(), Err(broke))
            }
        };
        // What was aborted has left the table already.
        let Some(flight) = self.in_flight.remove(&id) else { return };
        let now = Instant::now();
        let kind = result.as_ref().err().map(Failure::kind);
        match self.replicas.ended(flight.replica, kind, now) {
            Change::None => {}
            Change::Opened(length) => {
                let host = self.host(flight.replica);
                self.crew.broadcast.emit(&Event::CircuitOpened { host, length });
            }
            Change::Closed => {
                let host = self.host(flight.replica);
                self.crew.broadcast.emit(&Event::CircuitClosed { host });
            }
        }
        let latency = result.as_ref().map(|asked| asked.latency).unwrap_or_default();
        let changed = match kind {
            None => self.rules.limit.succeed(latency, now),
            Some(kind) if kind.is_congestion() => self.rules.limit.complain(flight.term),
            Some(_) => false,
        };
        if changed {
            self.tell_limit();
        }
        // What is refused while the circuit is open, or opens it, costs no try.
        let was_open = self.refusals.is_open();
        let turn = self.note_refusal(&flight, result.as_ref().err(), now);
        if matches!(turn, Turn::Resumed(_)) {
            self.rules.limit.resume(latency, now);
            self.tell_limit();
        }
        let refused = kind.is_some_and(FailureKind::is_congestion);
        match result {
            Ok(asked) => self.take_answer(&flight, asked),
            Err(failure) => {
                let excused = refused && (was_open || self.refusals.is_open());
                let hopeless = matches!(turn, Turn::Hopeless(_));
                self.take_failure(flight.slot, &failure, excused, hopeless, now);
                if let Turn::Hopeless(length) = turn {
                    let message = format!(
                        "the server has refused every request for {}, and --max-wait is {}: \
                         {failure}",
                        waits::in_words(length),
                        waits::in_words(self.rules.retry.max_wait)
                    );
                    self.end(End::Refused { kind: failure.kind(), message });
                }
            }
        }
    }

    fn tell_limit(&mut self) {
        let limit = self.rules.limit.get();
        self.crew.broadcast.emit(&Event::LimitChanged { limit });
    }

    /// What a result means for the circuit of a server that only refuses, told to the listeners.
    fn note_refusal(&mut self, flight: &Flight, failure: Option<&Failure>, now: Instant) -> Turn {
        let policy = &self.rules.retry;
        let max_wait = policy.max_wait;
        let kind = failure.map(Failure::kind);
        let turn = match kind {
            Some(kind) if kind.is_congestion() => {
                let asked = failure.and_then(Failure::retry_after);
                let others = !self.in_flight.is_empty();
                self.refusals.refused(asked, flight.is_probe, others, now, policy)
            }
            None | Some(FailureKind::Request | FailureKind::Malformed) => {
                self.refusals.answered(now)
            }
            Some(_) => {
                if flight.is_probe {
                    self.refusals.lost(now, policy);
                }
                Turn::None
            }
        };
        match (turn, failure) {
            (Turn::Paused(wait), Some(failure)) => {
                let message = failure.to_string();
                self.crew.broadcast.emit(&Event::Paused {
                    kind: failure.kind(),
                    message,
                    wait,
                    max_wait,
                });
            }
            (Turn::Resumed(after), _) => self.crew.broadcast.emit(&Event::Resumed { after }),
            _ => {}
        }
        turn
    }

    fn host(&self, replica: usize) -> String {
        self.hosts.get(replica).cloned().unwrap_or_else(|| "this machine".to_owned())
    }

    fn take_answer(&mut self, flight: &Flight, asked: Asked) {
        let Asked { reply, request, latency } = asked;
        let counted = reply.tokens_in.unwrap_or(0) + reply.tokens_out.unwrap_or(0);
        if let (Some(window), Some(ticket)) = (&mut self.rules.tokens, flight.tokens)
            && counted > 0
        {
            window.correct(ticket, counted);
        }
        self.answered = true;
        self.remarks.note(&reply);
        for waiting in self.release_coalesced(flight.slot) {
            let entry = self.answer_entry(waiting, &reply, &request);
            self.finish(waiting, entry, Duration::ZERO);
        }
        let mut entry = self.answer_entry(flight.slot, &reply, &request);
        if let Some(budget) = &mut self.rules.budget {
            // A server that reports no token counts charges all the same, so estimates stand in.
            let tokens_in = reply.tokens_in.unwrap_or(flight.estimate.tokens_in);
            // Sound may have a price of its own even where the server does not count it apart.
            let audio = reply.tokens_audio.filter(|&tokens| tokens > 0);
            let audio = audio.unwrap_or(flight.estimate.tokens_audio);
            let tokens_out = reply.tokens_out.unwrap_or_else(|| {
                text_tokens(&reply.text) + reply.thinking.as_deref().map_or(0, text_tokens)
            });
            entry.cost = Some(budget.spend(tokens_in, audio, tokens_out));
        }
        reply.count(&mut entry);
        entry.latency_ms = Some(latency.as_millis() as u64);
        self.finish(flight.slot, entry, latency);
    }

    /// An answer as the journal keeps it, without tokens, cost and latency.
    fn answer_entry(&mut self, index: usize, reply: &Reply, request: &str) -> Entry {
        let Rules { profile, finish, .. } = &self.rules;
        let slot = &self.slots[index];
        let (entry, unusable) =
            slot.answer_entry(reply, request, profile.as_deref(), finish.as_ref());
        if let Some(failure) = unusable {
            self.note_trouble(index, &failure);
        }
        entry
    }

    /// Takes a failure. `excused`: it says nothing about the sample. `hopeless`: the run ends with
    /// it.
    fn take_failure(
        &mut self,
        index: usize,
        failure: &Failure,
        excused: bool,
        hopeless: bool,
        now: Instant,
    ) {
        let is_connection = failure.kind() == FailureKind::Connect;
        if let Failure::Connect { mend, .. } = failure {
            self.last_connection = match mend {
                Some(_) => failure.to_string(),
                None => format!("{failure}; is the server running, and is --base-url right?"),
            };
        }
        let excused = excused
            || is_connection && self.replicas.all_unreachable() && self.replicas.ever_answered();
        let slot = &mut self.slots[index];
        let next = slot.tries.after(failure, excused, &self.rules.retry);
        let (folder, position, made) = (slot.job.folder, slot.job.position, slot.tries.made);
        tracing::debug!(%folder, %position, tries = made, %failure, ?next, "no answer");
        match next {
            Next::Again(wait) if self.ending.is_none() && !hopeless => {
                let event = Event::Retrying {
                    job: slot.name(),
                    attempt: slot.tries.made,
                    kind: failure.kind(),
                    message: failure.to_string(),
                    wait,
                };
                self.queue.push_retry(index, now + wait);
                self.crew.broadcast.emit(&event);
            }
            Next::Again(_) => self.withdraw(index, failure.to_string()),
            Next::Fail => self.give_up_all(index, AskOutcome::Failed, failure),
            Next::Reject => {
                self.give_up_all(index, AskOutcome::Rejected, failure);
                self.note_rejection(failure);
            }
            Next::StopRun => {
                let kind = match failure.kind() {
                    // Limits that outlast the patience of the run.
                    kind if kind.is_congestion() => FailureKind::Quota,
                    kind => kind,
                };
                let mut message = failure.to_string();
                self.withdraw(index, message.clone());
                if kind == FailureKind::Quota
                    && let Some(wait) = failure.retry_after()
                {
                    message = waits::with_wait(&message, wait, self.rules.retry.max_wait);
                }
                self.end(End::Refused { kind, message });
            }
        }
    }

    /// A server that has rejected everything in the same words will reject the rest too.
    fn note_rejection(&mut self, failure: &Failure) {
        if self.answered || failure.kind() != FailureKind::Request {
            return;
        }
        let message = failure.to_string();
        if self.rejections.0 == message {
            self.rejections.1 += 1;
        } else {
            self.rejections = (message, 1);
        }
        if self.rejections.1 >= SAME_REJECTION {
            let message = self.rejections.0.clone();
            self.end(End::Refused { kind: FailureKind::Request, message });
        }
    }

    fn withdraw(&mut self, index: usize, message: String) {
        let job = self.slots[index].name();
        self.crew.broadcast.emit(&Event::Withdrawn { job, message });
    }

    /// Gives up a slot and those that wait for its answer.
    fn give_up_all(&mut self, index: usize, outcome: AskOutcome, failure: &Failure) {
        self.give_up(index, outcome, failure);
        for waiting in self.release_coalesced(index) {
            self.give_up(waiting, outcome, failure);
        }
    }

    fn give_up(&mut self, index: usize, outcome: AskOutcome, failure: &Failure) {
        let entry = self.slots[index].entry(outcome, self.rules.profile.as_deref());
        let entry = Entry { error: Some(EntryError::from(failure)), ..entry };
        self.note_trouble(index, failure);
        self.finish(index, entry, Duration::ZERO);
    }

    /// Notes for the closing list that a sample ended without an answer.
    fn note_trouble(&mut self, index: usize, failure: &Failure) {
        let job = &self.slots[index].job;
        let trouble = self.troubles.entry(failure.kind()).or_insert_with(|| Trouble {
            count: 0,
            folder: job.folder,
            position: job.position.0,
            message: failure.to_string(),
        });
        trouble.count += 1;
    }

    /// Hands an entry to the recorder; the sample counts as done once it is written.
    fn finish(&mut self, index: usize, entry: Entry, latency: Duration) {
        let slot = &self.slots[index];
        let message = match (&entry.error, &entry.refusal) {
            (Some(error), _) => Some(error.message.clone()),
            (None, Some(words)) => Some(excerpt(words)),
            (None, None) => None,
        };
        self.unwritten.push_back(Event::Finished {
            job: slot.name(),
            outcome: entry.outcome,
            message,
            kind: entry.error.as_ref().map(|error| error.kind),
            finish_reason: entry.finish_reason.clone(),
            thought: entry.has_reasoning(),
            attempts: entry.tries,
            spending: entry.spending(),
            latency,
        });
        self.crew.recorder.record(slot.job.folder, entry);
    }

    fn take_report(&mut self, report: RecorderEvent) {
        match report {
            RecorderEvent::Written(count) => {
                for event in self.unwritten.drain(..count.min(self.unwritten.len())) {
                    self.crew.broadcast.emit(&event);
                }
            }
            RecorderEvent::Saved(folder) => self.crew.broadcast.emit(&Event::Saved { folder }),
            RecorderEvent::Broken(error) => {
                self.unwritten.clear();
                self.end(End::Unwritable { message: error.to_string() });
                self.drop_flights();
            }
        }
    }

    fn note_urgency(&mut self) {
        let urgency = *self.crew.stop.borrow_and_update();
        if urgency == Urgency::Enough {
            self.end(End::Enough);
        }
        if urgency >= Urgency::Soon {
            self.end(End::Interrupted);
        }
        if urgency == Urgency::Now {
            self.drop_flights();
        }
    }

    fn note_deadline(&mut self) {
        if self.ending.as_ref().is_some_and(|(_, deadline)| *deadline <= Instant::now()) {
            self.drop_flights();
        }
    }

    /// No new requests from here on. The first reason counts, except that unwritable files
    /// overrule any other.
    fn end(&mut self, end: End) {
        let overruled = matches!(end, End::Unwritable { .. });
        if self.ending.is_some() && !overruled {
            return;
        }
        self.queue.clear();
        tracing::debug!(?end, in_flight = self.in_flight.len(), "no new requests go out");
        self.crew.broadcast.emit(&Event::Stopping { end: end.clone() });
        self.ending = Some((end, Instant::now() + self.rules.grace));
    }

    fn drop_flights(&mut self) {
        self.flights.abort_all();
        let dropped: Vec<usize> = self.in_flight.drain().map(|(_, flight)| flight.slot).collect();
        for index in dropped {
            self.withdraw(index, "broken off".to_owned());
        }
        // Aborted tasks end by themselves, and their results are of no use.
        self.flights.detach_all();
    }
}

/// Bytes of a slot's files.
fn size_of_media(slot: &Slot) -> u64 {
    let files = slot.job.media.iter().flat_map(avibench_protocol::ResolvedMedia::iter);
    files.filter_map(|path| Some(path.metadata().ok()?.len())).sum()
}
