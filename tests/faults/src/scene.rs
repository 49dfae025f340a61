//! A vault in a folder of its own, operations that follow from their number alone, and what the vault must hold after each.

use idwallet_crypto::{Random, SystemRandom};
use idwallet_storage::{Error, Kind, Lookup, RecordId, SoftwareSecureArea, Vault, create_with_area, open_with_area};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

/// The two kinds that are written.
pub const KINDS: [Kind; 2] = [Kind(1), Kind(2)];
/// So many ids.
const IDS: u64 = 40;

/// Randomness of the system.
pub fn random() -> Arc<dyn Random> {
    Arc::new(SystemRandom::new())
}

/// Numbers that follow from a seed.
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next (SplitMix64).
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// A folder that goes with the value.
pub struct Folder(pub PathBuf);

impl Folder {
    /// On the disk where temporary files are.
    pub fn new() -> Self {
        Self::below(&std::env::temp_dir())
    }

    /// In memory where there is such a place: for what is opened thousands of times.
    pub fn in_memory() -> Self {
        static WRITABLE: OnceLock<bool> = OnceLock::new();
        let memory = Path::new("/dev/shm");
        let try_it = || {
            let probe = memory.join(format!("idwallet-probe-{}", number()));
            std::fs::create_dir(&probe).is_ok() && std::fs::remove_dir(&probe).is_ok()
        };
        if *WRITABLE.get_or_init(try_it) {
            Self::below(memory)
        } else {
            Self::new()
        }
    }

    fn below(parent: &Path) -> Self {
        let path = parent.join(format!("idwallet-faults-{}", number()));
        let _ = std::fs::remove_dir_all(&path);
        private_folder(&path);
        Self(path)
    }

    /// A copy of it.
    pub fn copy(&self) -> Self {
        let copy = Self::below(self.0.parent().unwrap());
        Files::read(&self.0).write(&copy.0);
        copy
    }
}

fn number() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Makes it for its owner alone.
pub fn private_folder(path: &Path) {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .unwrap();
}

/// The files of a folder in memory: name to content.
#[derive(Clone, PartialEq, Eq)]
pub struct Files(pub BTreeMap<String, Vec<u8>>);

impl Files {
    /// All there are, but the lock, which is empty.
    pub fn read(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap();
            if entry.path().is_file() && !name.ends_with(".lock") {
                files.insert(name, std::fs::read(entry.path()).unwrap());
            }
        }
        Self(files)
    }

    /// Makes the folder hold these and no others.
    pub fn write(&self, folder: &Path) {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if !self.0.contains_key(entry.file_name().to_str().unwrap()) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
        for (name, content) in &self.0 {
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(folder.join(name))
                .unwrap();
            file.write_all(content).unwrap();
        }
    }

    /// Without the empty ones: SQLite leaves an empty log beside a file that it could not read.
    pub fn filled(mut self) -> Self {
        self.0.retain(|_, content| !content.is_empty());
        self
    }
}

/// Where the vault lies in its folder.
pub fn vault_file(folder: &Path) -> PathBuf {
    folder.join("vault.db")
}

/// The area beside it.
pub fn area(folder: &Path) -> Result<SoftwareSecureArea, Error> {
    SoftwareSecureArea::open(&folder.join("area.key"), random()).map_err(|_| Error::WrongKey)
}

/// A new vault with its area.
pub fn create(folder: &Path) -> (Vault, SoftwareSecureArea) {
    try_create(folder).unwrap()
}

/// The same, where it may fail. An area that an earlier attempt left is used.
pub fn try_create(folder: &Path) -> Result<(Vault, SoftwareSecureArea), Error> {
    let file = folder.join("area.key");
    let area = match SoftwareSecureArea::create(&file, random()) {
        Ok(area) => area,
        Err(idwallet_storage::AreaFileError::Exists) => self::area(folder)?,
        Err(_) => return Err(Error::DiskFull),
    };
    let vault = pollster::block_on(create_with_area(&vault_file(folder), &area, random()))?;
    Ok((vault, area))
}

/// Opens what is in the folder.
pub fn open(folder: &Path) -> Result<(Vault, SoftwareSecureArea), Error> {
    let area = area(folder)?;
    let vault = pollster::block_on(open_with_area(&vault_file(folder), &area, random()))?;
    Ok((vault, area))
}

/// The id of that number, somewhere in the manifest.
pub fn id(number: u64) -> RecordId {
    let mut dice = Dice::new(number);
    let bytes = u128::from(dice.next()) << 64 | u128::from(dice.next());
    RecordId::from_bytes(bytes.to_be_bytes())
}

/// What a vault holds.
pub type Content = BTreeMap<(u16, RecordId), Vec<u8>>;

/// What operation `number` writes there: its length and every byte follow from both.
fn written(number: u64, kind: Kind, id: u64) -> Vec<u8> {
    let seed = number << 8 | id << 1 | u64::from(kind == KINDS[0]);
    let mut dice = Dice::new(seed);
    let length = if kind == KINDS[0] { 100 } else { 200 + dice.below(4500) };
    let mut out = Vec::new();
    while out.len() < length as usize {
        out.extend_from_slice(&dice.next().to_be_bytes());
    }
    out
}

/// What the vault must hold after so many operations.
#[derive(Clone, Default)]
pub struct Model {
    /// The number of the next operation.
    pub next: u64,
    /// All records.
    pub content: Content,
}

impl Model {
    /// After so many.
    pub fn after(operations: u64) -> Self {
        let mut model = Self::default();
        while model.next < operations {
            model.step();
        }
        model
    }

    /// What the next operation puts (a document and its summary) or, as `None`, deletes.
    fn operation(&self) -> (u64, Option<[Vec<u8>; 2]>) {
        let mut dice = Dice::new(self.next ^ 0x6f70);
        let name = dice.below(IDS);
        let present = self.content.contains_key(&(KINDS[0].0, id(name)));
        if present && dice.below(5) == 0 {
            return (name, None);
        }
        (name, Some(KINDS.map(|kind| written(self.next, kind, name))))
    }

    /// Does the next operation here alone.
    pub fn step(&mut self) {
        let (name, data) = self.operation();
        for (index, kind) in KINDS.iter().enumerate() {
            match &data {
                Some(data) => self.content.insert((kind.0, id(name)), data[index].clone()),
                None => self.content.remove(&(kind.0, id(name))),
            };
        }
        self.next += 1;
    }

    /// Does the next operation in the vault, and here when the vault says that it is done.
    pub fn apply(&mut self, vault: &mut Vault) -> Result<(), Error> {
        let (name, data) = self.operation();
        let name_bytes = name.to_be_bytes();
        let lookups = [Lookup {
            name: "name",
            value: &name_bytes,
        }];
        vault.transaction::<_, Error>(|tx| {
            for (index, kind) in KINDS.iter().enumerate() {
                match &data {
                    Some(data) => tx.put(*kind, id(name), &data[index], &lookups)?,
                    None => tx.delete(*kind, id(name))?,
                }
            }
            Ok(())
        })?;
        self.step();
        Ok(())
    }
}

/// Everything that the vault holds, and how many records of it are damaged.
pub fn content(vault: &Vault) -> Result<(Content, u64), Error> {
    let (mut content, mut damaged) = (Content::new(), 0);
    for kind in KINDS {
        for entry in vault.list(kind)? {
            match entry.record {
                Ok(record) => {
                    content.insert((kind.0, entry.id), record.data().expose().clone());
                }
                Err(_) => damaged += 1,
            }
        }
    }
    Ok((content, damaged))
}

/// What became of a vault after a fault.
pub enum State {
    /// It is as it was after so many operations.
    Whole(u64),
    /// Something acknowledged is gone.
    Lost(String),
    /// Something is there by half.
    Torn(String),
}

/// Whether the vault in the folder is as after `acknowledged` operations or, as the last one was under way, one more.
pub fn look(folder: &Path, acknowledged: &Model) -> State {
    let vault = match open(folder) {
        Ok((vault, _)) => vault,
        Err(error) => return State::Lost(format!("it does not open: {error}")),
    };
    let (found, damaged) = match content(&vault) {
        Ok(found) => found,
        Err(error) => return State::Lost(format!("it does not list: {error}")),
    };
    if damaged > 0 {
        return State::Torn(format!("{damaged} records are damaged"));
    }
    if !vault.manifest_holds().unwrap_or(false) {
        return State::Torn("the manifest is damaged".to_owned());
    }
    if matches!(vault.rollback(), idwallet_storage::Rollback::Detected { .. }) {
        return State::Torn("it says that an older file was put back".to_owned());
    }
    if found == acknowledged.content {
        return State::Whole(acknowledged.next);
    }
    let mut next = acknowledged.clone();
    next.step();
    if found == next.content {
        return State::Whole(next.next);
    }
    // What the operation under way does not concern must be there.
    let untouched = |key: &(u16, RecordId)| acknowledged.content.get(key) == next.content.get(key);
    let wrong = acknowledged
        .content
        .iter()
        .any(|(key, data)| untouched(key) && found.get(key) != Some(data));
    if wrong {
        State::Lost(format!("acknowledged write missing after {}", acknowledged.next))
    } else {
        State::Torn(format!("half of write {} is there", next.next))
    }
}
