-- A workspace has an id that no other has, whatever the server and the name (OPS-20). One that exists derives it from
-- the first row of its audit chain, so that a backup from before this migration comes to the same. The default also
-- serves a server of the version before that still runs beside this one.

ALTER TABLE "workspaces" ADD COLUMN "workspace_uid" TEXT;

UPDATE "workspaces" w
SET "workspace_uid" = 'wsu_' || left(encode(sha256(convert_to('fieldsync.workspace-uid.v1' || E'\n' || a."hash", 'UTF8')), 'hex'), 32)
FROM "audit_entries" a
WHERE a."workspace_id" = w."workspace_id" AND a."seq" = 1;

ALTER TABLE "workspaces"
    ALTER COLUMN "workspace_uid" SET DEFAULT ('wsu_'::text || replace((gen_random_uuid())::text, '-'::text, ''::text));

UPDATE "workspaces" SET "workspace_uid" = DEFAULT WHERE "workspace_uid" IS NULL;

ALTER TABLE "workspaces" ALTER COLUMN "workspace_uid" SET NOT NULL;

-- CreateIndex
CREATE UNIQUE INDEX "workspaces_workspace_uid_key" ON "workspaces"("workspace_uid");
