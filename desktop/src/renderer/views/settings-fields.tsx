import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Icon, IconButton } from '../parts/icons.tsx';

export function Section({ title, note, children }: { title: string; note?: string; children: ComponentChildren }) {
  return (
    <fieldset>
      <legend>{title}</legend>
      {note && <p class="note">{note}</p>}
      {children}
    </fieldset>
  );
}

export function Field({
  label,
  note,
  children,
}: {
  label: string;
  note?: string | undefined;
  children: ComponentChildren;
}) {
  return (
    <div class="field">
      <span class="label">{label}</span>
      <div class="value">
        {children}
        {note && <span class="note">{note}</span>}
      </div>
    </div>
  );
}

interface TextFieldProps {
  label: string;
  value: string;
  placeholder: string;
  onChange: (text: string) => void;
}

export function TextField({ label, value, placeholder, onChange }: TextFieldProps) {
  return (
    <Field label={label}>
      <input
        type="text"
        aria-label={label}
        spellcheck={false}
        value={value}
        placeholder={placeholder}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </Field>
  );
}

interface ChoiceFieldProps<Choice extends string> {
  label: string;
  note?: string;
  value: string;
  choices: readonly Choice[];
  onChange: (choice: Choice) => void;
}

export function ChoiceField<Choice extends string>({
  label,
  note,
  value,
  choices,
  onChange,
}: ChoiceFieldProps<Choice>) {
  return (
    <Field label={label} note={note}>
      <select aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value as Choice)}>
        {choices.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </Field>
  );
}

interface CheckFieldProps {
  label: string;
  /** What is so while it is ticked. */
  text: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

export function CheckField({ label, text, checked, onChange }: CheckFieldProps) {
  return (
    <Field label={label}>
      <label class="check">
        <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
        {text}
      </label>
    </Field>
  );
}

interface SizeFieldProps {
  label: string;
  unit: string;
  value: number;
  min?: number;
  max: number;
  step: number;
  onChange: (value: number) => void;
}

/** A slider for the hand and a number for the eye; both say the same. */
export function SizeField({ label, unit, value, min = 1, max, step, onChange }: SizeFieldProps) {
  const change = (event: { currentTarget: HTMLInputElement }) => {
    if (event.currentTarget.value !== '') onChange(event.currentTarget.valueAsNumber);
  };
  return (
    <Field label={label}>
      <input type="range" aria-label={label} {...{ min, max, step, value }} onInput={change} />
      <input type="number" aria-label={`${label} ${unit}`.trim()} min={1} value={value} onInput={change} />
      <span class="unit">{unit}</span>
    </Field>
  );
}

/** A list of folders, and a line to add one. */
export function Shares({
  value,
  onChange,
}: {
  value: readonly string[];
  onChange: (shares: readonly string[]) => void;
}) {
  const [text, setText] = useState('');
  const add = () => {
    if (text.trim() === '') return;
    onChange([...value, text.trim()]);
    setText('');
  };
  return (
    <ul class="shares">
      {value.map((folder) => (
        <li key={folder}>
          <code>{folder}</code>
          <IconButton
            icon="close"
            label={`Do not share ${folder}`}
            onClick={() => onChange(value.filter((other) => other !== folder))}
          />
        </li>
      ))}
      <li>
        <input
          type="text"
          aria-label="Folder to share"
          placeholder="/path/of/a/folder"
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && add()}
        />
        <button type="button" aria-label="Share the folder" onClick={add}>
          <Icon name="add" />
          Share
        </button>
      </li>
    </ul>
  );
}
