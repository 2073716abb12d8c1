import { createApp } from 'vue';
import App from './App.vue';
import { makeI18n } from './i18n/index.ts';
import { loadSettings, readWishes } from './settings.ts';
import './style/index.css';

const wishes = readWishes(location.search);
const settings = await loadSettings(location.origin, wishes.gateway);
createApp(App, { settings, wishes }).use(makeI18n()).mount('#app');
