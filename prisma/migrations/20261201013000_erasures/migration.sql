-- CreateTable
CREATE TABLE "erasures" (
    "workspace_id" TEXT NOT NULL,
    "entity_type" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "audit_seq" BIGINT NOT NULL,
    "erased_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "erasures_pkey" PRIMARY KEY ("workspace_id","entity_type","entity_id")
);

-- CreateIndex
CREATE INDEX "erasures_workspace_id_audit_seq_idx" ON "erasures"("workspace_id", "audit_seq");

ALTER TABLE "erasures" ADD CONSTRAINT "erasures_entity_type_check"
  CHECK ("entity_type" IN ('observation', 'recommendation'));
