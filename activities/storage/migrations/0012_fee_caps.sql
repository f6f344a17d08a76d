-- What a step may cost at most by its own worth: a reveal is not paid more for than it earns and saves.

-- Wei a gas; null where only the settings' cap applies.
ALTER TABLE transactions ADD COLUMN fee_cap_wei numeric;
