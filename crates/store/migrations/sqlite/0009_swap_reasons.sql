-- Why a swap waits or ended without being done; unknown of those that ended before.
ALTER TABLE swaps ADD COLUMN reason TEXT;
