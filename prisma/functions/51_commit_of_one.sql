-- One write as servers of earlier builds send it, during an upgrade. Called by those; by packages/db/src/log/commit.ts no more.

-- Rows of the only write, with its number before their members.
CREATE OR REPLACE FUNCTION fieldsync_of_one(p_rows json) RETURNS json
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_rows IS NOT NULL
    THEN (SELECT '[' || string_agg('{"w":1,' || substr(x::text, 2), ',') || ']' FROM json_array_elements(p_rows) AS x)::json END
$$;

-- What fieldsync_commit_all does, for one write, whose head row it waits for.
CREATE OR REPLACE FUNCTION fieldsync_commit(
  p_workspace text, p_device text, p_epoch int, p_operation text, p_key text, p_sync_id text,
  p_request_sha256 text, p_now timestamptz,
  p_cursor text, p_position bigint, p_max_records int, p_max_bytes int,
  p_guards json, p_moved json,
  p_new_observations json, p_new_observation_documents text,
  p_changed_observations json, p_changed_observation_documents text, p_corrections json,
  p_new_recommendations json, p_new_recommendation_documents text,
  p_changed_recommendations json, p_changed_recommendation_documents text,
  p_playbooks json, p_versions json, p_patches json, p_conflicts json,
  p_positions int, p_state_delta text, p_secret bytea,
  p_metadata json, p_metadata_micros bigint, p_report json, p_resolved json,
  p_audit_prefix text, p_audit_suffix text,
  p_response_start text, p_response_middle text, p_response_end text, p_counts json,
  OUT outcome text, OUT response text
)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  SELECT done.outcome, done.response INTO outcome, response FROM fieldsync_commit_all(
    true,
    (SELECT json_agg(x) FROM (SELECT 1 AS round, p_workspace AS workspace, p_device AS device, p_epoch AS epoch, p_operation AS operation,
      p_key AS key, p_sync_id AS sync_id, p_request_sha256 AS sha256, p_now AS now, p_cursor AS cursor, p_position AS position,
      p_max_records AS max_records, p_max_bytes AS max_bytes, p_positions AS positions, p_state_delta AS state_delta,
      encode(p_secret, 'hex') AS secret,
      coalesce(json_array_length(p_changed_observations), 0) + coalesce(json_array_length(p_changed_recommendations), 0)
        + coalesce(json_array_length(p_moved), 0) + coalesce(json_array_length(p_playbooks), 0) AS changes,
      p_metadata AS metadata, p_metadata_micros AS metadata_micros, p_report AS report, p_resolved AS resolved, p_counts AS counts
    ) x),
    array_to_string(ARRAY[p_audit_prefix, p_audit_suffix, p_response_start, p_response_middle, p_response_end], E'\x1e', ''),
    fieldsync_of_one(p_guards),
    fieldsync_of_one(p_moved),
    fieldsync_of_one(p_new_observations),
    p_new_observation_documents,
    fieldsync_of_one(p_changed_observations),
    p_changed_observation_documents,
    fieldsync_of_one(p_corrections),
    fieldsync_of_one(p_new_recommendations),
    p_new_recommendation_documents,
    fieldsync_of_one(p_changed_recommendations),
    p_changed_recommendation_documents,
    fieldsync_of_one(p_playbooks),
    fieldsync_of_one(p_versions),
    fieldsync_of_one(p_patches),
    fieldsync_of_one(p_conflicts)
  ) done;
END
$$;
