-- CreateTable
CREATE TABLE "audit_personal_values" (
    "workspace_id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "commitment" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "salt" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "audit_personal_values_pkey" PRIMARY KEY ("workspace_id","seq","commitment")
);
