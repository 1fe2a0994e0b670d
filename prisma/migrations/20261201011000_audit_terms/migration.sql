-- CreateTable
CREATE TABLE "audit_terms" (
    "workspace_id" TEXT NOT NULL,
    "term" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "seq" BIGINT NOT NULL,
    "index" INTEGER NOT NULL,

    CONSTRAINT "audit_terms_pkey" PRIMARY KEY ("workspace_id","term","at","seq","index")
);

-- CreateTable
CREATE TABLE "audit_index_heads" (
    "workspace_id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,

    CONSTRAINT "audit_index_heads_pkey" PRIMARY KEY ("workspace_id")
);
