-- While the hub has not been told that this bench has another key: the one it still knows (PKCS #8, DER), and the
-- first entry that the new one signs.
CREATE TABLE key_rotation (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  private_key BLOB NOT NULL,
  from_seq INTEGER NOT NULL
) STRICT;

-- Name and prefix as the hub was told them: JSON.
ALTER TABLE hub ADD COLUMN told TEXT;
