// Stands for the native part of cbor-x, which is optional and has one package for each platform.
module.exports = {};
