-- CreateTable
CREATE TABLE "audit_beginnings" (
    "workspace_id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "audit_beginnings_pkey" PRIMARY KEY ("workspace_id")
);
