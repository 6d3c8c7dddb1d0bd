export { a } from '@tranquility-js/core';
