import {
  Button,
  Checkbox,
  createTheme,
  defaultVariantColorsResolver,
  Input,
  Modal,
  Radio,
  SegmentedControl,
  Select,
  Switch,
  type VariantColorsResolver,
} from '@mantine/core';
import classes from './theme.module.css';

/** Button looks: one accent, quiet ones beside it, and `danger` for what cannot be taken back. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const tone = { background: 'var(--rb-surface)', border: '2px solid var(--rb-border)' };
  switch (input.variant) {
    case 'filled':
      return {
        background: 'var(--rb-accent)',
        hover: 'var(--rb-accent-hover)',
        color: 'var(--rb-on-accent)',
        border: '2px solid transparent',
      };
    case 'default':
      return { ...tone, hover: 'var(--rb-hover)', color: 'var(--rb-text)' };
    case 'danger':
      return {
        background: 'var(--rb-failed)',
        hover: 'var(--rb-failed)',
        color: 'var(--rb-surface)',
        border: '2px solid transparent',
      };
    case 'danger-quiet':
      return {
        background: 'var(--rb-surface)',
        hover: 'var(--rb-failed-tint)',
        color: 'var(--rb-failed)',
        border: '2px solid var(--rb-failed-edge)',
      };
    case 'subtle':
      return {
        background: 'transparent',
        hover: 'var(--rb-hover)',
        color: 'var(--rb-text)',
        border: '2px solid transparent',
      };
    default:
      return defaultVariantColorsResolver(input);
  }
};

/** Gloved hands: no control is lower than 44 px. */
export const theme = createTheme({
  primaryColor: 'blue',
  fontFamily: 'var(--rb-font)',
  fontFamilyMonospace: 'var(--rb-mono)',
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  variantColorResolver,
  components: {
    Button: Button.extend({ classNames: { root: classes.button, label: classes.buttonLabel } }),
    Input: Input.extend({
      classNames: { input: classes.input },
      vars: () => ({
        wrapper: { '--input-height': '46px', '--input-fz': '16px', '--input-radius': 'var(--rb-radius)' },
        input: {},
      }),
    }),
    InputWrapper: Input.Wrapper.extend({
      classNames: { label: classes.label, description: classes.description, error: classes.error },
    }),
    Modal: Modal.extend({
      // The page's content policy forbids the style element that scroll locking would add.
      defaultProps: {
        lockScroll: false,
        // A glove beside the dialog must not throw away what was typed in it.
        closeOnClickOutside: false,
        centered: true,
        overlayProps: { backgroundOpacity: 0.5 },
        radius: 'lg',
        closeButtonProps: { 'aria-label': 'Close', size: 44, iconSize: 24 },
        // A dialog's heading is no banner of the page.
        attributes: { header: { role: 'none' } },
      },
      classNames: { title: classes.modalTitle, content: classes.modal, header: classes.modalHeader },
    }),
    Select: Select.extend({
      defaultProps: { allowDeselect: false, comboboxProps: { shadow: 'md' } },
      classNames: { option: classes.option, dropdown: classes.dropdown },
    }),
    Switch: Switch.extend({ classNames: { body: classes.checkBody, track: classes.track } }),
    Checkbox: Checkbox.extend({ classNames: { body: classes.checkBody, input: classes.tick } }),
    Radio: Radio.extend({ classNames: { body: classes.checkBody, radio: classes.tick } }),
    RadioIndicator: Radio.Indicator.extend({ classNames: { indicator: classes.tick } }),
    SegmentedControl: SegmentedControl.extend({
      classNames: { root: classes.segments, label: classes.segment, indicator: classes.chosen },
    }),
  },
});
