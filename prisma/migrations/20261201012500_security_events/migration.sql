-- CreateTable
CREATE TABLE "security_events" (
    "event_id" BIGSERIAL NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "minute" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "address" TEXT NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "security_events_pkey" PRIMARY KEY ("event_id")
);

-- CreateIndex
CREATE INDEX "security_events_workspace_id_event_id_idx" ON "security_events"("workspace_id", "event_id");

-- CreateIndex
CREATE INDEX "security_events_minute_idx" ON "security_events"("minute");

-- CreateIndex
CREATE UNIQUE INDEX "security_events_workspace_id_minute_kind_reason_device_id_key" ON "security_events"("workspace_id", "minute", "kind", "reason", "device_id");
