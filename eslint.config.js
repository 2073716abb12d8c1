import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import vue from 'eslint-plugin-vue';
import ts from 'typescript-eslint';

const clockAndChance = ['Date.now', 'Math.random', 'setTimeout', 'setInterval'];

export default ts.config(
  { ignores: ['**/dist/', '**/node_modules/', 'tests/fixtures/', '.data/', 'artifacts/', 'coverage/'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    languageOptions: {
      globals: {
        ...Object.fromEntries(
          [
            'process',
            'console',
            'Buffer',
            'URL',
            'URLSearchParams',
            'setTimeout',
            'clearTimeout',
            'setInterval',
            'clearInterval',
            'setImmediate',
            'queueMicrotask',
            'fetch',
            'AbortController',
            'AbortSignal',
            'performance',
            'structuredClone',
            'TextEncoder',
            'TextDecoder',
            'module',
            'require',
          ].map((name) => [name, 'readonly']),
        ),
      },
    },
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      'no-undef': 'off',
      'no-console': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/unified-signatures': 'off',
    },
  },
  {
    // The rules of a call are pure: no clock, no chance, no timers (ARCHITECTURE.md, "The model").
    files: ['libs/call-model/src/**', 'libs/protocol/src/**'],
    rules: {
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'process', 'fetch'],
      'no-restricted-properties': [
        'error',
        ...clockAndChance
          .filter((name) => name.includes('.'))
          .map((name) => ({ object: name.split('.')[0], property: name.split('.')[1] })),
      ],
    },
  },
  {
    files: ['scripts/**', 'bench/**', 'tests/**', '**/test/**'],
    rules: { 'no-console': 'off', 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.cjs', 'services/media-worker/reconnect-ws/*.js'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  prettier,
);
