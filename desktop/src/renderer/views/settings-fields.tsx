import type { ComponentChildren } from 'preact';

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
  /** What a choice is called; left out: as it is. */
  words?: Readonly<Record<Choice, string>>;
  onChange: (choice: Choice) => void;
}

export function ChoiceField<Choice extends string>({
  label,
  note,
  value,
  choices,
  words,
  onChange,
}: ChoiceFieldProps<Choice>) {
  return (
    <Field label={label} note={note}>
      <select aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value as Choice)}>
        {choices.map((name) => (
          <option key={name} value={name}>
            {words?.[name] ?? name}
          </option>
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
  /** How far the slider goes. */
  max: number;
  /** What this computer has, which more than that is told of; left out: it does not matter. */
  host?: number;
  step: number;
  onChange: (value: number) => void;
}

/** A slider for the hand and a number for the eye; both say the same. A field left without a number says the old one. */
export function SizeField({ label, unit, value, min = 1, max, host = Infinity, step, onChange }: SizeFieldProps) {
  const change = (event: { currentTarget: HTMLInputElement }) => {
    if (event.currentTarget.value !== '') onChange(event.currentTarget.valueAsNumber);
  };
  const back = (event: { currentTarget: HTMLInputElement }) => (event.currentTarget.value = String(value));
  const note = value > host ? `this computer has ${host}` : undefined;
  return (
    <Field label={label} note={note}>
      <input type="range" aria-label={label} {...{ min, max, step, value }} onInput={change} />
      <input
        type="number"
        aria-label={`${label} ${unit}`.trim()}
        min={1}
        value={value}
        onInput={change}
        onBlur={back}
      />
      <span class="unit">{unit}</span>
    </Field>
  );
}
