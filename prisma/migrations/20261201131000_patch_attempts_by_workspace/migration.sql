-- The workspace is in the primary key, as in that of every table that can be divided by workspace (DIV-1). Nothing looks an attempt up by
-- its number alone, in earlier builds neither. The table has one row for each attempt to change a playbook, so its index is made quickly.
ALTER TABLE "playbook_patches" DROP CONSTRAINT "playbook_patches_pkey",
ADD CONSTRAINT "playbook_patches_pkey" PRIMARY KEY ("workspace_id", "attempt_id");
