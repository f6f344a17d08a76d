-- A machine that left for good: its role is gone. The row stays, since what it handed in hangs on it.
ALTER TABLE provers ADD COLUMN removed_at timestamptz;
