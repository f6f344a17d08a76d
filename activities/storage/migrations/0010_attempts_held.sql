-- Which attempts a pool may hold: only those have to be out-bid by what is offered in their place.

-- Head when an endpoint first had the attempt in its pool; null while none has. Of attempts from before nothing is known,
-- so they count as held.
ALTER TABLE transaction_attempts ADD COLUMN held_since_block bigint;
UPDATE transaction_attempts SET held_since_block = signed_at_block;
