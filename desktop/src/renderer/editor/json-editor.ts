import { autocompletion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, syntaxTree } from '@codemirror/language';
import { lintGutter, linter, lintKeymap, type Diagnostic } from '@codemirror/lint';
import { EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import type { TextProblem } from '@berth/daemon/api';
import { editorLook, shadowIn } from './editor-look.ts';

export interface JsonEditorOptions {
  text: string;
  /** What an object's first keys may be. */
  keys: readonly string[];
  validate: (text: string) => Promise<readonly TextProblem[]>;
  onChange: (text: string) => void;
}

const lintDelayMs = 150;

/** An editor for a JSON text, whose mistakes the daemon finds. */
export function jsonEditor(place: HTMLElement, options: JsonEditorOptions): EditorView {
  const root = shadowIn(place);
  return new EditorView({
    doc: options.text,
    root,
    parent: root,
    extensions: [
      lineNumbers(),
      lintGutter(),
      history(),
      bracketMatching(),
      highlightActiveLine(),
      json(),
      autocompletion({ override: [(context) => keyCompletions(context, options.keys)] }),
      linter(async ({ state }) => (await options.validate(state.doc.toString())).map(diagnosticOf), {
        delay: lintDelayMs,
      }),
      keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap, indentWithTab]),
      EditorView.contentAttributes.of({ 'aria-label': 'daemon.json' }),
      EditorView.updateListener.of(({ docChanged, state }) => docChanged && options.onChange(state.doc.toString())),
      editorLook,
    ],
  });
}

function diagnosticOf({ offset, length, message }: TextProblem): Diagnostic {
  return { from: offset, to: offset + length, severity: 'error', message };
}

/** Docker's keys, where the outermost object has one. */
function keyCompletions(context: CompletionContext, keys: readonly string[]): CompletionResult | null {
  const node = syntaxTree(context.state).resolveInner(context.pos, -1);
  const property = node.name === 'PropertyName' ? node.parent : null;
  const isOutermost = property?.parent?.parent?.name === 'JsonText';
  if (!isOutermost) return null;
  return { from: node.from + 1, options: keys.map((label) => ({ label, type: 'property' })), validFor: /^[\w-]*$/ };
}
