-- What finds the recommendations that a change of a playbook affects: those that are pending, with an open window.
ALTER TABLE "recommendations" ADD COLUMN     "playbook_id" TEXT,
ADD COLUMN     "window_ends_micros" BIGINT;

-- Of those that are pending already. An offset of up to a day and a year before 1970, which no window of today has, are
-- all that is not read here as the contract reads it; the fraction of a second is left out.
UPDATE "recommendations" r
  SET "playbook_id" = r."document" ->> 'playbookId',
      "window_ends_micros" = CASE WHEN w.ends >= '1970' THEN
        extract(epoch FROM (substr(w.ends, 1, 19) || substring(w.ends FROM '([Zz]|[+-]\d\d:\d\d)$'))::timestamptz)::bigint * 1000000
      ELSE 0 END
  FROM (SELECT "workspace_id", "recommendation_id", "document" #>> '{timingWindow,endAt}' AS ends
        FROM "recommendations" WHERE "status" = 'pending_confirmation') w
  WHERE r."workspace_id" = w."workspace_id" AND r."recommendation_id" = w."recommendation_id";

CREATE INDEX "recommendations_pending_idx"
  ON "recommendations" ("workspace_id", "playbook_id", "window_ends_micros", "position") WHERE "status" = 'pending_confirmation';

-- What a recommendation without weather names: every workspace has it from its beginning.
INSERT INTO "weather_features" ("workspace_id", "weather_features_id", "document", "stored_at")
  SELECT "workspace_id", 'wxf_19700101_none', '{"diseaseRiskScore":0,"heatStressScore":0,"humidityLayering":"unknown","inversionPresent":false,"layers":[],"location":{"lat":0,"lon":0},"notes":[],"profileTime":"1970-01-01T00:00:00Z","sourceMode":"none","sprayWindowScore":1,"weatherFeaturesId":"wxf_19700101_none","windShearProxy":"unknown"}', now() FROM "workspaces"
  ON CONFLICT DO NOTHING;
