-- CreateTable
CREATE TABLE "playbook_grants" (
    "grant_id" TEXT NOT NULL DEFAULT ('grt_'::text || replace((gen_random_uuid())::text, '-'::text, ''::text)),
    "workspace_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "playbook_id" TEXT,
    "path" TEXT NOT NULL,
    "actions" TEXT[],
    "not_before" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),
    "by_role" BOOLEAN NOT NULL DEFAULT false,
    "granted_by" TEXT,
    "granted_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "revoked_by" TEXT,

    CONSTRAINT "playbook_grants_pkey" PRIMARY KEY ("workspace_id","grant_id")
);

-- CreateIndex
CREATE INDEX "playbook_grants_workspace_id_device_id_idx" ON "playbook_grants"("workspace_id", "device_id");

-- AddForeignKey
ALTER TABLE "playbook_grants" ADD CONSTRAINT "playbook_grants_workspace_id_device_id_fkey" FOREIGN KEY ("workspace_id", "device_id") REFERENCES "devices"("workspace_id", "device_id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "playbook_grants" ADD CONSTRAINT "playbook_grants_actions_check"
  CHECK (cardinality("actions") > 0 AND "actions" <@ ARRAY['edit', 'create', 'delete', 'publish']);

-- Those who may edit playbooks go on: an agronomist may edit, create and delete everywhere, an admin also publish.
INSERT INTO "playbook_grants" ("workspace_id", "device_id", "path", "actions", "by_role", "granted_at")
  SELECT "workspace_id", "device_id", '',
    CASE "role" WHEN 'admin' THEN ARRAY['edit', 'create', 'delete', 'publish'] ELSE ARRAY['edit', 'create', 'delete'] END,
    true, now()
  FROM "devices" WHERE "role" IN ('agronomist', 'admin');
