import { expect, test } from 'vitest';
import { escapeLinkName } from './link-names.ts';

test.each([
  ['/containers/a/b/json?size=1', '/containers/a%2Fb/json?size=1'],
  ['/containers/a/b?link=1', '/containers/a%2Fb?link=1'],
  ['/containers/a/json', '/containers/a/json'],
  ['/containers/a/attach/ws', '/containers/a/attach/ws'],
  ['/containers/a/checkpoints/x', '/containers/a/checkpoints/x'],
  ['/containers/a?link=1', '/containers/a?link=1'],
  ['/containers/json?a=/b/c', '/containers/json?a=/b/c'],
  ['/images/a/b/json', '/images/a/b/json'],
])('%s is %s', (given, expected) => expect(escapeLinkName(given)).toBe(expected));
