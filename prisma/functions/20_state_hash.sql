-- The state hash of a workspace (HSH-1), which devices compare with their own copy. Called by fieldsync_commit.

-- One state hash with another put in or taken out: exclusive or of their 256 bits, in hex.
CREATE OR REPLACE FUNCTION fieldsync_combine(p_hash text, p_delta text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT encode(substr(bit_send(('x' || p_hash)::bit(256) # ('x' || p_delta)::bit(256)), 5), 'hex')
$$;
