//! What is known about issuers, from files, and what the policy asks for.

use idwallet_crypto::x509::{Certificate, Strictness, pem};
use idwallet_mdoc::verify;
use idwallet_trust::{
    SnapshotPolicy, SnapshotSigners, SnapshotTrust, TrustError, TrustSnapshot, TrustStore, UnverifiedVical,
    VicalPolicy, VicalProviders,
};
use idwallet_verifier::{Policy, days};

use crate::args::{Requirement, TrustArgs};
use crate::context::Context;
use crate::error::{CliError, Result, bad};
use crate::input::Source;
use crate::{certs, keys};

/// Trust and policy of one run.
pub struct Trust {
    pub store: TrustStore,
    pub policy: Policy,
    strictness: Strictness,
}

impl Trust {
    /// From the arguments, and anchors that are kept elsewhere.
    pub fn read(args: &TrustArgs, kept: Vec<Certificate>, cx: &Context) -> Result<Self> {
        let at = cx.now();
        let mut store = match &args.snapshot {
            Some(source) => snapshot(source, args.snapshot_anchor.as_ref(), cx)?,
            None => TrustStore::new(),
        };
        for source in &args.anchor {
            store
                .add_issuer_anchors(&source.read_credential(cx)?)
                .map_err(|error| bad(source, error))?;
        }
        if !kept.is_empty() {
            let text = pem::write_certificates(&kept);
            store
                .add_issuer_anchors(text.as_bytes())
                .map_err(|error| CliError::Input(error.to_string()))?;
        }
        for source in &args.crl {
            store
                .add_crls(&source.read_credential(cx)?, at)
                .map_err(|error| bad(source, error))?;
        }
        for source in &args.status_list {
            let token = source.read_decoded(cx)?;
            let uri = certs::status_list_uri(&token).map_err(|error| bad(source, error))?;
            store.add_list(&uri, &token, at).map_err(|error| bad(source, error))?;
        }
        if let Some(source) = &args.vical {
            let bytes = source.read_decoded(cx)?;
            let list = UnverifiedVical::parse(&bytes).map_err(|error| bad(source, error))?;
            let mut providers = VicalProviders::new();
            for anchor in &args.vical_anchor {
                providers.add_all(certs::read_all(anchor, cx)?);
            }
            // A list that does not hold is a refusal: nothing is verified with half of what was asked for.
            let list = list
                .verify(&providers, &VicalPolicy::new(at))
                .map_err(|error| CliError::Refused(format!("{source}: {error}")))?;
            store.add_vical(list).map_err(|error| bad(source, error))?;
        }
        let strictness = args.profile.into();
        let mut policy = Policy::of(strictness).at(at);
        if args.require.contains(&Requirement::Revocation) {
            policy = policy.require_revocation();
        }
        if args.require.contains(&Requirement::Status) {
            policy = policy.require_status();
        }
        if args.require.contains(&Requirement::Elements) {
            policy = policy.require_all_elements();
        }
        if args.allow_untrusted {
            policy = policy.allow_untrusted();
        }
        if let Some(age) = args.snapshot_max_age {
            policy = policy.max_snapshot_age(days(age));
        }
        Ok(Self {
            store,
            policy,
            strictness,
        })
    }

    /// The policy without what the verifier has checked already, for what takes no lists.
    pub fn document_policy(&self) -> verify::Policy {
        verify::Policy::new(self.strictness, self.policy.time())
    }
}

fn snapshot(source: &Source, anchor: Option<&Source>, cx: &Context) -> Result<TrustStore> {
    let anchor = anchor.ok_or_else(|| bad("--snapshot-anchor", "needed for a snapshot"))?;
    let bytes = source.read_decoded(cx)?;
    let policy = SnapshotPolicy::new(cx.now());
    let opened = match certs::read_all(anchor, cx) {
        Ok(certificates) => {
            let mut signers = SnapshotSigners::new();
            signers.add_all(certificates);
            TrustSnapshot::open(&bytes, &SnapshotTrust::Signers(&signers), &policy)
        }
        Err(_) => {
            let key = keys::read_public(anchor, cx)?;
            TrustSnapshot::open(&bytes, &SnapshotTrust::Key(&key), &policy)
        }
    };
    let snapshot = opened.map_err(|error| match error {
        TrustError::Malformed { .. } | TrustError::NotASnapshot | TrustError::Cose { .. } => bad(source, error),
        other => CliError::Refused(format!("{source}: {other}")),
    })?;
    let store = TrustStore::from_snapshot(&snapshot, &VicalPolicy::new(cx.now()));
    for problem in store.problems() {
        cx.progress(format!(
            "{source}: {} {}: {}",
            cx.t("danh sách", "list"),
            problem.index,
            problem.error
        ));
    }
    Ok(store)
}
