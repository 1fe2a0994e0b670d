-- What operators read of stored batches: in the order they came, told apart within a millisecond. Adding the column writes
-- the table anew, once; it holds the answers of 90 days.
-- AlterTable
ALTER TABLE "sync_events" ADD COLUMN     "event_id" UUID NOT NULL DEFAULT gen_random_uuid();

-- Partial, so that no look-up of a key can take it for its own: there the operation is a parameter, of which the planner
-- does not know that it is this one (docs/decisions/0011).
CREATE INDEX "sync_events_batches_idx" ON "sync_events"("workspace_id", "received_at", "event_id")
  WHERE operation = 'sync.batch';
