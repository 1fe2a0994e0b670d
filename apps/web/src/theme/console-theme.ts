import { fonts } from '@fieldsync/design'
import {
  createTheme,
  defaultVariantColorsResolver,
  Input,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core'

// From the design's lightest patch of leaf green to the ink on it; 3 is its primary at night, 7 by day.
const leaf: MantineColorsTuple = [
  '#E2ECDD',
  '#CBEBC6',
  '#B7DFB2',
  '#A5D6A0',
  '#7DB97C',
  '#55935A',
  '#3B7443',
  '#2C5A33',
  '#1F4425',
  '#0E2411',
]

/** Buttons in the design's own pairs of colors, each of which can be read in both themes. */
const buttonColors: VariantColorsResolver = (input) => {
  const danger = input.color === 'red'
  const fill = danger ? 'var(--color-danger)' : 'var(--color-primary)'
  if (input.variant === 'filled') {
    const color = danger ? 'var(--color-on-danger)' : 'var(--color-on-primary)'
    const hover = danger ? 'var(--color-danger)' : 'var(--color-primary-pressed)'
    return { background: fill, hover, color, border: '1px solid transparent' }
  }
  if (input.variant === 'outline') {
    return { background: 'transparent', hover: 'var(--color-well)', color: fill, border: `1px solid ${fill}` }
  }
  return defaultVariantColorsResolver(input)
}

/** The design for the component library. */
export const consoleTheme = createTheme({
  colors: { leaf },
  primaryColor: 'leaf',
  primaryShade: { light: 7, dark: 3 },
  autoContrast: true,
  variantColorResolver: buttonColors,
  fontFamily: fonts.body,
  fontFamilyMonospace: fonts.mono,
  headings: { fontFamily: fonts.body, fontWeight: '700' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // So that inputs side by side are in line, with a description or without.
    InputWrapper: Input.Wrapper.extend({
      defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] },
    }),
  },
})
