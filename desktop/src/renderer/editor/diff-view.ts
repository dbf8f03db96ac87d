import { json } from '@codemirror/lang-json';
import { unifiedMergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { editorLook, shadowIn } from './editor-look.ts';

/** What is taken away and what is added, one below the other; to be read only. */
export function diffView(place: HTMLElement, { before, after }: { before: string; after: string }): EditorView {
  const root = shadowIn(place);
  return new EditorView({
    doc: after,
    root,
    parent: root,
    extensions: [
      lineNumbers(),
      json(),
      EditorState.readOnly.of(true),
      EditorView.editable.of(false),
      EditorView.contentAttributes.of({ 'aria-label': 'Changes to daemon.json' }),
      unifiedMergeView({
        original: before,
        mergeControls: false,
        gutter: true,
        collapseUnchanged: { margin: 3, minSize: 6 },
      }),
      editorLook,
    ],
  });
}
