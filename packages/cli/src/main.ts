#!/usr/bin/env node
export { a } from '@tranquility-js/core';
