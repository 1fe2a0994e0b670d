import type { FormErrors, UseFormReturnType } from '@mantine/form'

/**
 * What to do when a form is not accepted: the focus goes into its first invalid field. A form writes its rules in the order
 * of its fields.
 */
export const focusFirstInvalid =
  // The form's own types do not matter here.
  (form: Pick<UseFormReturnType<Record<string, unknown>>, 'getInputNode'>) => (errors: FormErrors) => {
    const [first] = Object.keys(errors)
    if (first !== undefined) form.getInputNode(first)?.focus()
  }
