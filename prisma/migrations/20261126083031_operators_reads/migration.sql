-- What operators read of stored batches: in the order they came, told apart within a millisecond. Adding the column writes
-- the table anew, once; it holds the answers of 90 days.
-- AlterTable
ALTER TABLE "sync_events" ADD COLUMN     "event_id" UUID NOT NULL DEFAULT gen_random_uuid();

-- CreateIndex
CREATE INDEX "sync_events_workspace_id_received_at_event_id_idx" ON "sync_events"("workspace_id", "received_at", "event_id");
