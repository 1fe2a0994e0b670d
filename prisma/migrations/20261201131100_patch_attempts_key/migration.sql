-- Nothing looks an attempt up by its number alone, in earlier builds neither.
ALTER TABLE "playbook_patches" DROP CONSTRAINT "playbook_patches_pkey",
ADD CONSTRAINT "playbook_patches_pkey" PRIMARY KEY USING INDEX "playbook_patches_by_workspace";
