-- The ways to the data key beside the secure area alone; empty: there are none. Under the header's checksum.
ALTER TABLE header ADD COLUMN ways BLOB NOT NULL DEFAULT x'';
-- What is read and written while the vault is locked, sealed under the outer key. 1 and 2: the state of the lock, twice; 3: the record
-- that is readable without the PIN.
CREATE TABLE outside (
    item   INTEGER PRIMARY KEY CHECK (item IN (1, 2, 3)),
    sealed BLOB NOT NULL
);
