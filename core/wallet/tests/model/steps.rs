//! What can be done to a wallet.

use proptest::prelude::*;

/// One step. Numbers are taken modulo what there is to choose from.
#[derive(Debug, Clone)]
pub enum Step {
    Import(usize, Trouble),
    /// A credential with a byte turned over, or one without copies.
    ImportBad(usize, bool),
    Remove(usize, Trouble),
    RemoveNothing,
    Present(usize, Answering),
    /// A request that cannot be read.
    Misread,
    SweepCopies,
    Export,
    Restore(Into),
    /// Up to an entry; all of them.
    DeleteHistory(Option<usize>),
    Wait(u32),
    Lock,
    Unlock(usize),
    WrongPins(usize),
    /// The process ends at this moment; with the device, or without.
    Crash(bool),
    Close,
    KeepFile,
    PutBack,
    AcceptRollback,
    SetPin(usize),
    ChangePin(usize, usize),
    RemovePin(usize),
    SetCode(usize),
    RemoveCode,
    Recover(Code, usize),
    /// Unlocking is dropped after so many polls.
    DropUnlock(usize, usize),
}

/// What goes wrong on the way.
#[derive(Debug, Clone, Copy)]
pub enum Trouble {
    None,
    /// The secure area does not do it.
    Area,
    /// The future is dropped after so many polls.
    Drop(usize),
    /// Nothing can be written after so many records.
    Disk(usize),
}

/// How a request is answered.
#[derive(Debug, Clone, Copy)]
pub enum Answering {
    Give(Trouble),
    /// With the word that a copy may be shown again.
    GiveAgain(Trouble),
    Decline,
    /// Nothing is approved.
    ApproveNothing,
    /// Never.
    Leave,
    /// With the handle of another review, then rightly.
    WrongHandle,
    /// After more minutes than a review holds.
    Late,
    /// After the document is gone.
    Gone,
    /// The person says no to the secure area, then declines.
    CancelThenDecline,
    /// Once, and then once more.
    Twice,
}

#[derive(Debug, Clone, Copy)]
pub enum Into {
    Same,
    /// Another device: from then on that is the wallet.
    New,
}

#[derive(Debug, Clone, Copy)]
pub enum Code {
    Right,
    /// The first or last that was drawn: most often worth nothing.
    First,
    Last,
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        6 => Just(Trouble::None),
        1 => Just(Trouble::Area),
        1 => (0_usize..5).prop_map(Trouble::Drop),
        2 => (0_usize..12).prop_map(Trouble::Disk),
    ]
}

fn answering() -> impl Strategy<Value = Answering> {
    prop_oneof![
        8 => trouble().prop_map(Answering::Give),
        3 => trouble().prop_map(Answering::GiveAgain),
        1 => Just(Answering::Decline),
        1 => Just(Answering::ApproveNothing),
        1 => Just(Answering::Leave),
        1 => Just(Answering::WrongHandle),
        1 => Just(Answering::Late),
        1 => Just(Answering::Gone),
        1 => Just(Answering::CancelThenDecline),
        1 => Just(Answering::Twice),
    ]
}

/// Steps of a wallet without a PIN.
pub fn papers() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0_usize..8, trouble()).prop_map(|(which, how)| Step::Import(which, how)),
        1 => (0_usize..100, any::<bool>()).prop_map(|(which, empty)| Step::ImportBad(which, empty)),
        3 => (0_usize..100, trouble()).prop_map(|(which, how)| Step::Remove(which, how)),
        1 => Just(Step::RemoveNothing),
        12 => (0_usize..100, answering()).prop_map(|(which, how)| Step::Present(which, how)),
        1 => Just(Step::Misread),
        1 => Just(Step::SweepCopies),
        2 => Just(Step::Export),
        2 => Just(Step::Restore(Into::Same)),
        1 => Just(Step::Restore(Into::New)),
        1 => prop::option::weighted(0.8, 0_usize..100).prop_map(Step::DeleteHistory),
        1 => (0_u32..4000).prop_map(Step::Wait),
        1 => Just(Step::Lock),
        2 => any::<bool>().prop_map(Step::Crash),
        1 => Just(Step::Close),
        1 => Just(Step::KeepFile),
        1 => Just(Step::PutBack),
        1 => Just(Step::AcceptRollback),
    ]
}

/// Steps with and around a PIN. A try costs much time.
pub fn at_the_door() -> impl Strategy<Value = Step> {
    let pin = || 0_usize..3;
    let code = prop_oneof![3 => Just(Code::Right), 1 => Just(Code::First), 1 => Just(Code::Last)];
    prop_oneof![
        3 => papers(),
        2 => Just(Step::Lock),
        3 => pin().prop_map(Step::Unlock),
        1 => (1_usize..8).prop_map(Step::WrongPins),
        2 => any::<bool>().prop_map(Step::Crash),
        2 => (0_u32..100_000).prop_map(Step::Wait),
        2 => Just(Step::KeepFile),
        2 => Just(Step::PutBack),
        1 => Just(Step::AcceptRollback),
        2 => pin().prop_map(Step::SetPin),
        1 => (pin(), pin()).prop_map(|(old, new)| Step::ChangePin(old, new)),
        1 => pin().prop_map(Step::RemovePin),
        2 => pin().prop_map(Step::SetCode),
        1 => Just(Step::RemoveCode),
        2 => (code, pin()).prop_map(|(code, new)| Step::Recover(code, new)),
        1 => (pin(), 1_usize..6).prop_map(|(pin, polls)| Step::DropUnlock(pin, polls)),
    ]
}
