-- AlterTable
ALTER TABLE "playbook_versions" ADD COLUMN     "kind" TEXT,
ADD COLUMN     "made_by" TEXT,
ADD COLUMN     "proposal" INTEGER,
ADD COLUMN     "reason" TEXT;

-- AlterTable
ALTER TABLE "workspace_settings" ADD COLUMN     "four_eyes" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "playbook_proposals" (
    "workspace_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "playbook_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "base_version" INTEGER,
    "to_version" INTEGER,
    "patch_id" TEXT,
    "content" JSON,
    "document" JSON NOT NULL,
    "paths" TEXT[],
    "reason" TEXT NOT NULL,
    "proposed_by" TEXT,
    "proposed_at" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL,
    "decided_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "decision_reason" TEXT,
    "new_version" INTEGER,

    CONSTRAINT "playbook_proposals_pkey" PRIMARY KEY ("workspace_id","number")
);

-- A patch is proposed once at a time.
CREATE UNIQUE INDEX "playbook_proposals_open_patch" ON "playbook_proposals"("workspace_id", "patch_id")
  WHERE "state" = 'open';
ALTER TABLE "playbook_proposals" ADD CONSTRAINT "playbook_proposals_state" CHECK (
  "state" IN ('open', 'approved', 'rejected', 'withdrawn') AND ("state" = 'open') = ("decided_at" IS NULL)
  AND ("state" = 'approved') = ("new_version" IS NOT NULL));
ALTER TABLE "playbook_versions" ADD CONSTRAINT "playbook_versions_kind" CHECK (
  "kind" IN ('creation', 'publication', 'rollback', 'retirement'));
