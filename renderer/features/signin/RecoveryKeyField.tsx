import { Textarea, type TextareaProps } from '@mantine/core';
import { looksLikeRecoveryKey } from '../../ui/recoveryKey.ts';
import { useScanTarget } from '../../ui/scanTargets.tsx';

/** Where the printed key is typed or scanned. */
export function RecoveryKeyField({
  value,
  onChange,
  ...rest
}: Pick<TextareaProps, 'autoFocus' | 'error'> & { value: string; onChange: (value: string) => void }) {
  useScanTarget((text) => {
    if (!looksLikeRecoveryKey(text)) return false;
    onChange(text);
    return true;
  });
  return (
    <Textarea
      label="Recovery key"
      description="Seven groups of five; capitals, spaces and dashes do not matter."
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autosize
      minRows={2}
      autoComplete="off"
      spellCheck={false}
      classNames={{ input: 'rb-mono' }}
      {...rest}
    />
  );
}
