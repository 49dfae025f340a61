-- Two equal copies of the header, so that one damaged byte does not cost the vault.
CREATE TABLE header (
    copy      INTEGER PRIMARY KEY CHECK (copy IN (1, 2)),
    vault_id  BLOB NOT NULL,   -- 16 random bytes
    wrapped   BLOB NOT NULL,   -- the data key, wrapped by the secure area
    key_check BLOB NOT NULL,   -- tells a wrong data key from damage
    checksum  BLOB NOT NULL    -- SHA-256 over the three above
);
-- Clustered by kind, so that listing the summaries never touches a document.
CREATE TABLE record (
    kind    INTEGER NOT NULL,
    id      BLOB    NOT NULL,  -- 16 bytes
    version INTEGER NOT NULL,  -- the generation of the vault that wrote it; bound by the seal
    sealed  BLOB    NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
-- Which records there are, at which version, and their keyed look-up hashes. Row 256 is the root.
CREATE TABLE manifest (
    bucket  INTEGER PRIMARY KEY CHECK (bucket BETWEEN 0 AND 256),
    version INTEGER NOT NULL,
    sealed  BLOB    NOT NULL
);
