-- The tables, indexes and keys. Functions and triggers are in prisma/functions and are applied after the migrations. Takes the
-- place of the eight migrations up to 20261129100000_search_text, whose databases it fits column for column
-- (packages/db/src/migrate/squashed-migrations.ts).

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "workspaces" (
    "workspace_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "time_zone" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "workspace_uid" TEXT NOT NULL DEFAULT ('wsu_'::text || replace((gen_random_uuid())::text, '-'::text, ''::text)),

    CONSTRAINT "workspaces_pkey" PRIMARY KEY ("workspace_id")
);

-- CreateTable
CREATE TABLE "workspace_heads" (
    "workspace_id" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "audit_seq" BIGINT NOT NULL,
    "audit_hash" TEXT NOT NULL,
    "state_hash" TEXT NOT NULL,

    CONSTRAINT "workspace_heads_pkey" PRIMARY KEY ("workspace_id")
);

-- CreateTable
CREATE TABLE "log_commits" (
    "workspace_id" TEXT NOT NULL,
    "last_position" BIGINT NOT NULL,
    "first_position" BIGINT NOT NULL,
    "secret" BYTEA NOT NULL,
    "committed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "log_commits_pkey" PRIMARY KEY ("workspace_id","last_position")
);

-- CreateTable
CREATE TABLE "devices" (
    "workspace_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "devices_pkey" PRIMARY KEY ("workspace_id","device_id")
);

-- CreateTable
CREATE TABLE "device_tokens" (
    "token_hash" BYTEA NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "device_tokens_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "device_states" (
    "workspace_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "metadata" JSON,
    "metadata_micros" BIGINT,
    "last_seen_at" TIMESTAMPTZ(3),
    "position" BIGINT,
    "report" JSON,
    "reported_at" TIMESTAMPTZ(3),

    CONSTRAINT "device_states_pkey" PRIMARY KEY ("workspace_id","device_id")
);

-- CreateTable
CREATE TABLE "observations" (
    "workspace_id" TEXT NOT NULL,
    "observation_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "document" JSON NOT NULL,
    "document_bytes" INTEGER NOT NULL,
    "time_micros" BIGINT NOT NULL,
    "revision" INTEGER NOT NULL,
    "position" BIGINT NOT NULL,
    "stored_at" TIMESTAMPTZ(3) NOT NULL,
    -- What a search looks into, without accents and case, as the server's own code folds it (OPS-28). Empty where the
    -- note and the name of its block are plain ASCII: lower() then does the same. '?' is what nobody has folded yet.
    "search_text" TEXT NOT NULL DEFAULT '?',

    CONSTRAINT "observations_pkey" PRIMARY KEY ("observation_id","workspace_id")
);

-- CreateTable
CREATE TABLE "observation_corrections" (
    "workspace_id" TEXT NOT NULL,
    "observation_id" TEXT NOT NULL,
    "correction_id" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "device_id" TEXT NOT NULL,
    "content_sha256" TEXT NOT NULL,
    "before" JSON,
    "after" JSON NOT NULL,
    "accepted_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "observation_corrections_pkey" PRIMARY KEY ("workspace_id","observation_id","correction_id")
);

-- CreateTable
CREATE TABLE "recommendations" (
    "workspace_id" TEXT NOT NULL,
    "recommendation_id" TEXT NOT NULL,
    "observation_id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "document" JSON NOT NULL,
    "document_bytes" INTEGER NOT NULL,
    "time_micros" BIGINT NOT NULL,
    "revision" INTEGER NOT NULL,
    "position" BIGINT NOT NULL,
    "stored_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "recommendations_pkey" PRIMARY KEY ("recommendation_id","workspace_id")
);

-- CreateTable
CREATE TABLE "playbooks" (
    "workspace_id" TEXT NOT NULL,
    "playbook_id" TEXT NOT NULL,
    "active_version" INTEGER NOT NULL,
    "updated_at" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "stored_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "playbooks_pkey" PRIMARY KEY ("workspace_id","playbook_id")
);

-- CreateTable
CREATE TABLE "playbook_versions" (
    "workspace_id" TEXT NOT NULL,
    "playbook_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "patch_id" TEXT,
    "paths" TEXT[],
    "document" JSON NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "playbook_versions_pkey" PRIMARY KEY ("workspace_id","playbook_id","version")
);

-- CreateTable
CREATE TABLE "playbook_patches" (
    "attempt_id" BIGSERIAL NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "patch_id" TEXT NOT NULL,
    "playbook_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "code" TEXT,
    "old_version" INTEGER,
    "new_version" INTEGER,
    "document" JSON NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "playbook_patches_pkey" PRIMARY KEY ("attempt_id")
);

-- CreateTable
CREATE TABLE "weather_features" (
    "workspace_id" TEXT NOT NULL,
    "weather_features_id" TEXT NOT NULL,
    "document" JSON NOT NULL,
    "stored_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "weather_features_pkey" PRIMARY KEY ("workspace_id","weather_features_id")
);

-- CreateTable
CREATE TABLE "tombstones" (
    "workspace_id" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "entity_type" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "tombstones_pkey" PRIMARY KEY ("workspace_id","position")
);

-- CreateTable
CREATE TABLE "sync_events" (
    "workspace_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "operation" TEXT NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "sync_id" TEXT,
    "request_sha256" TEXT NOT NULL,
    "response" TEXT NOT NULL,
    "counts" JSON NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "event_id" UUID NOT NULL DEFAULT gen_random_uuid(),

    CONSTRAINT "sync_events_pkey" PRIMARY KEY ("idempotency_key","device_id","workspace_id","operation")
);

-- CreateTable
CREATE TABLE "sync_conflicts" (
    "workspace_id" TEXT NOT NULL,
    "conflict_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "entity_type" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "resolution" TEXT NOT NULL,
    "incoming" JSON NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "resolved_at" TIMESTAMPTZ(3),
    "resolved_as" TEXT,

    CONSTRAINT "sync_conflicts_pkey" PRIMARY KEY ("conflict_id","workspace_id")
);

-- CreateTable
CREATE TABLE "audit_entries" (
    "workspace_id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "hash" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("workspace_id","seq")
);

-- CreateIndex
CREATE UNIQUE INDEX "workspaces_workspace_uid_key" ON "workspaces"("workspace_uid");

-- CreateIndex
CREATE INDEX "device_tokens_workspace_id_device_id_idx" ON "device_tokens"("workspace_id", "device_id");

-- CreateIndex
CREATE INDEX "observations_workspace_id_position_idx" ON "observations"("workspace_id", "position");

-- CreateIndex
CREATE INDEX "observation_corrections_workspace_id_observation_id_positio_idx" ON "observation_corrections"("workspace_id", "observation_id", "position", "ordinal");

-- CreateIndex
CREATE INDEX "recommendations_workspace_id_position_idx" ON "recommendations"("workspace_id", "position");

-- CreateIndex
CREATE INDEX "recommendations_observation_id_workspace_id_position_idx" ON "recommendations"("observation_id", "workspace_id", "position");

-- CreateIndex
CREATE INDEX "playbooks_workspace_id_position_idx" ON "playbooks"("workspace_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "playbook_versions_workspace_id_patch_id_key" ON "playbook_versions"("workspace_id", "patch_id");

-- CreateIndex
CREATE INDEX "playbook_patches_patch_id_workspace_id_attempt_id_idx" ON "playbook_patches"("patch_id", "workspace_id", "attempt_id");

-- What has to be folded for search.
CREATE INDEX "observations_unfolded_idx" ON "observations"("workspace_id", "observation_id") WHERE search_text = '?';

-- CreateIndex
CREATE INDEX "sync_events_received_at_idx" ON "sync_events"("received_at");

-- CreateIndex
CREATE UNIQUE INDEX "sync_events_sync_id_device_id_workspace_id_operation_key" ON "sync_events"("sync_id", "device_id", "workspace_id", "operation");

-- What operators read of stored batches: in the order they came, and by event_id within a millisecond. Partial, so
-- that no look-up of a key can take it for its own: there the operation is a parameter, of which the planner does not know
-- that it is this one (docs/decisions/0011).
CREATE INDEX "sync_events_batches_idx" ON "sync_events"("workspace_id", "received_at", "event_id")
  WHERE operation = 'sync.batch';

-- CreateIndex
CREATE INDEX "sync_conflicts_workspace_id_device_id_resolved_at_idx" ON "sync_conflicts"("workspace_id", "device_id", "resolved_at");

-- AddForeignKey
ALTER TABLE "workspace_heads" ADD CONSTRAINT "workspace_heads_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("workspace_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "devices" ADD CONSTRAINT "devices_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("workspace_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "device_tokens" ADD CONSTRAINT "device_tokens_workspace_id_device_id_fkey" FOREIGN KEY ("workspace_id", "device_id") REFERENCES "devices"("workspace_id", "device_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "device_states" ADD CONSTRAINT "device_states_workspace_id_device_id_fkey" FOREIGN KEY ("workspace_id", "device_id") REFERENCES "devices"("workspace_id", "device_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "playbook_versions" ADD CONSTRAINT "playbook_versions_workspace_id_playbook_id_fkey" FOREIGN KEY ("workspace_id", "playbook_id") REFERENCES "playbooks"("workspace_id", "playbook_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Rows that are written over and over: room on their page keeps an update from touching the indexes.
ALTER TABLE workspace_heads SET (fillfactor = 10);
ALTER TABLE device_states SET (fillfactor = 50);
