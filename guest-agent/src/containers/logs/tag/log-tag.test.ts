import { expect, test } from 'vitest';
import { testInfo } from '../testing/test-info.ts';
import { logTag } from './log-tag.ts';

const short = 'a'.repeat(12);

test.each([
  ['plain', 'plain'],
  ['{{.ID}}', short],
  ['{{.Name}}/{{ .ImageName }}/{{.DaemonName}}', 'web/busybox/docker'],
  ['{{.FullID}}', 'a'.repeat(64)],
  ['{{.ImageID}} {{.ImageFullID}}', 'sha256:01234 sha256:0123456789'],
  ['{{.ContainerName}} {{.Command}}', '/web sh -c true'],
  ['{{upper .Name}}{{.Name | lower | title}}', 'WEBWeb'],
  ['{{truncate .ImageName 4}}|{{pad .Name 1 2}}|', 'busy| web  |'],
  ['{{join (split .ImageFullID ":") "-"}}', 'sha256-0123456789'],
  ['{{json .Name}} {{json .ContainerArgs}}', '"web" ["-c","true"]'],
  ['{{printf "%s-%5s-%q" .Name "x" .ID}}', `web-    x-"${short}"`],
  ['{{index .ContainerLabels "l1"}}{{index .ContainerLabels "none"}}', 'v1'],
  ['{{(.ExtraAttributes nil).A}}', 'b c'],
  ['{{if .Name}}yes{{else}}no{{end}}{{if eq .Name "db"}}db{{else if eq .Name "web"}}w{{end}}', 'yesw'],
  ['{{with .ImageName}}<{{.}}>{{end}}', '<busybox>'],
  ['a {{- .Name -}} b', 'awebb'],
  ['{{/* a word */}}x', 'x'],
  ['{{len .Name}} {{print 1 "a"}} {{not .LogPath}}', '3 1a true'],
])('%s', (tag, expected) => {
  expect(logTag(testInfo({ tag, env: 'A' }), '')).toBe(expected);
});

test.each([
  ['{{.Foo}}', 'template: log-tag:1:2: executing "log-tag" at <.Foo>: can\'t evaluate field Foo in type *logger.Info'],
  ['{{.Name', 'template: log-tag:1: unclosed action'],
  ['{{foo .Name}}', 'template: log-tag:1: function "foo" not defined'],
  ['{{if .Name}}', 'template: log-tag:1: unexpected EOF'],
  ['{{end}}', 'template: log-tag:1: unexpected {{end}}'],
  ['{{}}', 'template: log-tag:1: missing value for command'],
])('%s is refused', (tag, why) => {
  expect(() => logTag(testInfo({ tag }), '')).toThrow(why);
});

test('without a tag the driver decides', () => {
  expect(logTag(testInfo({}), '{{.ID}}')).toBe(short);
  expect(logTag(testInfo({}), '')).toBe('');
});
