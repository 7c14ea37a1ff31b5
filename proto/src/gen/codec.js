// Made by proto/scripts/generate.ts from tso/v1/*.proto. Do not edit.
/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError, $TypeError = $util.global.TypeError, $String = $util.global.String, $Array = $util.global.Array, $parseInt = $util.global.parseInt, $Boolean = $util.global.Boolean, $BigInt = $util.global.BigInt, $Number = $util.global.Number, $isFinite = $util.global.isFinite;

const $root = $protobuf.roots["default"] || ($protobuf.roots["default"] = {});

export const tso = $root.tso = (() => {

    const tso = {};

    tso.v1 = (function() {

        const v1 = {};

        v1.FieldChange = (function() {

            const FieldChange = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            FieldChange.prototype.path = "";
            FieldChange.prototype.from = "";
            FieldChange.prototype.to = "";

            FieldChange.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.path != null && $Object.hasOwnProperty.call(message, "path") && message.path !== "")
                    writer.uint32(10).string(message.path);
                if (message.from != null && $Object.hasOwnProperty.call(message, "from") && message.from !== "")
                    writer.uint32(18).string(message.from);
                if (message.to != null && $Object.hasOwnProperty.call(message, "to") && message.to !== "")
                    writer.uint32(26).string(message.to);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            FieldChange.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.FieldChange();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.path = value;
                            else
                                delete message.path;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.from = value;
                            else
                                delete message.from;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.to = value;
                            else
                                delete message.to;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            FieldChange.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.FieldChange)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.FieldChange: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.FieldChange();
                if (object.path != null)
                    if (typeof object.path !== "string" || object.path.length)
                        message.path = $String(object.path);
                if (object.from != null)
                    if (typeof object.from !== "string" || object.from.length)
                        message.from = $String(object.from);
                if (object.to != null)
                    if (typeof object.to !== "string" || object.to.length)
                        message.to = $String(object.to);
                return message;
            };

            FieldChange.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.path = "";
                    object.from = "";
                    object.to = "";
                }
                if (message.path != null && $Object.hasOwnProperty.call(message, "path"))
                    object.path = message.path;
                if (message.from != null && $Object.hasOwnProperty.call(message, "from"))
                    object.from = message.from;
                if (message.to != null && $Object.hasOwnProperty.call(message, "to"))
                    object.to = message.to;
                return object;
            };

            FieldChange.prototype.toJSON = function() {
                return FieldChange.toObject(this, $protobuf.util.toJSONOptions);
            };

            return FieldChange;
        })();

        v1.ObjectChange = (function() {

            const ObjectChange = function (properties) {
                this.changes = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ObjectChange.prototype.kind = "";
            ObjectChange.prototype.name = "";
            ObjectChange.prototype.action = "";
            ObjectChange.prototype.changes = $util.emptyArray;

            ObjectChange.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.kind != null && $Object.hasOwnProperty.call(message, "kind") && message.kind !== "")
                    writer.uint32(10).string(message.kind);
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(18).string(message.name);
                if (message.action != null && $Object.hasOwnProperty.call(message, "action") && message.action !== "")
                    writer.uint32(26).string(message.action);
                if (message.changes != null && message.changes.length)
                    for (let i = 0; i < message.changes.length; ++i)
                        $root.tso.v1.FieldChange.encode(message.changes[i], writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ObjectChange.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ObjectChange();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.kind = value;
                            else
                                delete message.kind;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.action = value;
                            else
                                delete message.action;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if (!(message.changes && message.changes.length))
                                message.changes = [];
                            message.changes.push($root.tso.v1.FieldChange.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ObjectChange.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ObjectChange)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ObjectChange: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ObjectChange();
                if (object.kind != null)
                    if (typeof object.kind !== "string" || object.kind.length)
                        message.kind = $String(object.kind);
                if (object.name != null)
                    if (typeof object.name !== "string" || object.name.length)
                        message.name = $String(object.name);
                if (object.action != null)
                    if (typeof object.action !== "string" || object.action.length)
                        message.action = $String(object.action);
                if (object.changes) {
                    if (!$Array.isArray(object.changes))
                        throw $TypeError(".tso.v1.ObjectChange.changes: array expected");
                    message.changes = $Array(object.changes.length);
                    for (let i = 0; i < object.changes.length; ++i) {
                        if (!$util.isObject(object.changes[i]))
                            throw $TypeError(".tso.v1.ObjectChange.changes: object expected");
                        message.changes[i] = $root.tso.v1.FieldChange.fromObject(object.changes[i], _depth + 1);
                    }
                }
                return message;
            };

            ObjectChange.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.changes = [];
                if (options.defaults) {
                    object.kind = "";
                    object.name = "";
                    object.action = "";
                }
                if (message.kind != null && $Object.hasOwnProperty.call(message, "kind"))
                    object.kind = message.kind;
                if (message.name != null && $Object.hasOwnProperty.call(message, "name"))
                    object.name = message.name;
                if (message.action != null && $Object.hasOwnProperty.call(message, "action"))
                    object.action = message.action;
                if (message.changes && message.changes.length) {
                    object.changes = $Array(message.changes.length);
                    for (let j = 0; j < message.changes.length; ++j)
                        object.changes[j] = $root.tso.v1.FieldChange.toObject(message.changes[j], options, _depth + 1);
                }
                return object;
            };

            ObjectChange.prototype.toJSON = function() {
                return ObjectChange.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ObjectChange;
        })();

        v1.ApplyStackRequest = (function() {

            const ApplyStackRequest = function (properties) {
                this.services = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ApplyStackRequest.prototype.spec = null;
            ApplyStackRequest.prototype.expectedVersion = null;
            ApplyStackRequest.prototype.dryRun = false;
            ApplyStackRequest.prototype.removeOrphans = false;
            ApplyStackRequest.prototype.services = $util.emptyArray;

            let $oneOfFields;

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(ApplyStackRequest.prototype, "_expectedVersion", {
                get: $util.oneOfGetter($oneOfFields = ["expectedVersion"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            ApplyStackRequest.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.spec != null && $Object.hasOwnProperty.call(message, "spec"))
                    $root.tso.v1.StackSpec.encode(message.spec, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.expectedVersion != null && $Object.hasOwnProperty.call(message, "expectedVersion"))
                    writer.uint32(16).uint64(message.expectedVersion);
                if (message.dryRun != null && $Object.hasOwnProperty.call(message, "dryRun") && message.dryRun !== false)
                    writer.uint32(24).bool(message.dryRun);
                if (message.removeOrphans != null && $Object.hasOwnProperty.call(message, "removeOrphans") && message.removeOrphans !== false)
                    writer.uint32(32).bool(message.removeOrphans);
                if (message.services != null && message.services.length)
                    for (let i = 0; i < message.services.length; ++i)
                        writer.uint32(42).string(message.services[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ApplyStackRequest.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ApplyStackRequest();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.spec = $root.tso.v1.StackSpec.decode(reader, reader.size(), $undefined, _depth + 1, message.spec);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            message.expectedVersion = reader.uint64();
                            message._expectedVersion = "expectedVersion";
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.dryRun = value;
                            else
                                delete message.dryRun;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.removeOrphans = value;
                            else
                                delete message.removeOrphans;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (!(message.services && message.services.length))
                                message.services = [];
                            message.services.push(reader.stringVerify());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ApplyStackRequest.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ApplyStackRequest)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ApplyStackRequest: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ApplyStackRequest();
                if (object.spec != null) {
                    if (!$util.isObject(object.spec))
                        throw $TypeError(".tso.v1.ApplyStackRequest.spec: object expected");
                    message.spec = $root.tso.v1.StackSpec.fromObject(object.spec, _depth + 1);
                }
                if (object.expectedVersion != null)
                    if ($util.Long)
                        message.expectedVersion = $util.Long.fromValue(object.expectedVersion, true);
                    else if (typeof object.expectedVersion === "string")
                        message.expectedVersion = $parseInt(object.expectedVersion, 10);
                    else if (typeof object.expectedVersion === "number")
                        message.expectedVersion = object.expectedVersion;
                    else if (typeof object.expectedVersion === "object")
                        message.expectedVersion = new $util.LongBits(object.expectedVersion.low >>> 0, object.expectedVersion.high >>> 0).toNumber(true);
                if (object.dryRun != null)
                    if (object.dryRun)
                        message.dryRun = $Boolean(object.dryRun);
                if (object.removeOrphans != null)
                    if (object.removeOrphans)
                        message.removeOrphans = $Boolean(object.removeOrphans);
                if (object.services) {
                    if (!$Array.isArray(object.services))
                        throw $TypeError(".tso.v1.ApplyStackRequest.services: array expected");
                    message.services = $Array(object.services.length);
                    for (let i = 0; i < object.services.length; ++i)
                        message.services[i] = $String(object.services[i]);
                }
                return message;
            };

            ApplyStackRequest.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.services = [];
                if (options.defaults) {
                    object.spec = null;
                    object.dryRun = false;
                    object.removeOrphans = false;
                }
                if (message.spec != null && $Object.hasOwnProperty.call(message, "spec"))
                    object.spec = $root.tso.v1.StackSpec.toObject(message.spec, options, _depth + 1);
                if (message.expectedVersion != null && $Object.hasOwnProperty.call(message, "expectedVersion"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.expectedVersion = typeof message.expectedVersion === "number" ? $BigInt(message.expectedVersion) : $util.Long.fromBits(message.expectedVersion.low >>> 0, message.expectedVersion.high >>> 0, true).toBigInt();
                    else if (typeof message.expectedVersion === "number")
                        object.expectedVersion = options.longs === $String ? $String(message.expectedVersion) : message.expectedVersion;
                    else
                        object.expectedVersion = options.longs === $String ? $util.Long.prototype.toString.call(message.expectedVersion) : options.longs === $Number ? new $util.LongBits(message.expectedVersion.low >>> 0, message.expectedVersion.high >>> 0).toNumber(true) : message.expectedVersion;
                if (message.dryRun != null && $Object.hasOwnProperty.call(message, "dryRun"))
                    object.dryRun = message.dryRun;
                if (message.removeOrphans != null && $Object.hasOwnProperty.call(message, "removeOrphans"))
                    object.removeOrphans = message.removeOrphans;
                if (message.services && message.services.length) {
                    object.services = $Array(message.services.length);
                    for (let j = 0; j < message.services.length; ++j)
                        object.services[j] = message.services[j];
                }
                return object;
            };

            ApplyStackRequest.prototype.toJSON = function() {
                return ApplyStackRequest.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ApplyStackRequest;
        })();

        v1.ApplyStackReply = (function() {

            const ApplyStackReply = function (properties) {
                this.changes = [];
                this.warnings = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ApplyStackReply.prototype.version = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            ApplyStackReply.prototype.changes = $util.emptyArray;
            ApplyStackReply.prototype.warnings = $util.emptyArray;

            ApplyStackReply.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && (typeof message.version === "object" ? message.version.low || message.version.high : message.version !== 0))
                    writer.uint32(8).uint64(message.version);
                if (message.changes != null && message.changes.length)
                    for (let i = 0; i < message.changes.length; ++i)
                        $root.tso.v1.ObjectChange.encode(message.changes[i], writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.warnings != null && message.warnings.length)
                    for (let i = 0; i < message.warnings.length; ++i)
                        writer.uint32(26).string(message.warnings[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ApplyStackReply.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ApplyStackReply();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.changes && message.changes.length))
                                message.changes = [];
                            message.changes.push($root.tso.v1.ObjectChange.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.warnings && message.warnings.length))
                                message.warnings = [];
                            message.warnings.push(reader.stringVerify());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ApplyStackReply.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ApplyStackReply)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ApplyStackReply: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ApplyStackReply();
                if (object.version != null)
                    if (typeof object.version === "object" ? object.version.low || object.version.high : $Number(object.version) !== 0)
                        if ($util.Long)
                            message.version = $util.Long.fromValue(object.version, true);
                        else if (typeof object.version === "string")
                            message.version = $parseInt(object.version, 10);
                        else if (typeof object.version === "number")
                            message.version = object.version;
                        else if (typeof object.version === "object")
                            message.version = new $util.LongBits(object.version.low >>> 0, object.version.high >>> 0).toNumber(true);
                if (object.changes) {
                    if (!$Array.isArray(object.changes))
                        throw $TypeError(".tso.v1.ApplyStackReply.changes: array expected");
                    message.changes = $Array(object.changes.length);
                    for (let i = 0; i < object.changes.length; ++i) {
                        if (!$util.isObject(object.changes[i]))
                            throw $TypeError(".tso.v1.ApplyStackReply.changes: object expected");
                        message.changes[i] = $root.tso.v1.ObjectChange.fromObject(object.changes[i], _depth + 1);
                    }
                }
                if (object.warnings) {
                    if (!$Array.isArray(object.warnings))
                        throw $TypeError(".tso.v1.ApplyStackReply.warnings: array expected");
                    message.warnings = $Array(object.warnings.length);
                    for (let i = 0; i < object.warnings.length; ++i)
                        message.warnings[i] = $String(object.warnings[i]);
                }
                return message;
            };

            ApplyStackReply.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults) {
                    object.changes = [];
                    object.warnings = [];
                }
                if (options.defaults)
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.version = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.version = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                if (message.version != null && $Object.hasOwnProperty.call(message, "version"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.version = typeof message.version === "number" ? $BigInt(message.version) : $util.Long.fromBits(message.version.low >>> 0, message.version.high >>> 0, true).toBigInt();
                    else if (typeof message.version === "number")
                        object.version = options.longs === $String ? $String(message.version) : message.version;
                    else
                        object.version = options.longs === $String ? $util.Long.prototype.toString.call(message.version) : options.longs === $Number ? new $util.LongBits(message.version.low >>> 0, message.version.high >>> 0).toNumber(true) : message.version;
                if (message.changes && message.changes.length) {
                    object.changes = $Array(message.changes.length);
                    for (let j = 0; j < message.changes.length; ++j)
                        object.changes[j] = $root.tso.v1.ObjectChange.toObject(message.changes[j], options, _depth + 1);
                }
                if (message.warnings && message.warnings.length) {
                    object.warnings = $Array(message.warnings.length);
                    for (let j = 0; j < message.warnings.length; ++j)
                        object.warnings[j] = message.warnings[j];
                }
                return object;
            };

            ApplyStackReply.prototype.toJSON = function() {
                return ApplyStackReply.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ApplyStackReply;
        })();

        v1.RemoveStackRequest = (function() {

            const RemoveStackRequest = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            RemoveStackRequest.prototype.name = "";
            RemoveStackRequest.prototype.volumes = false;

            RemoveStackRequest.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(10).string(message.name);
                if (message.volumes != null && $Object.hasOwnProperty.call(message, "volumes") && message.volumes !== false)
                    writer.uint32(16).bool(message.volumes);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            RemoveStackRequest.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.RemoveStackRequest();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.volumes = value;
                            else
                                delete message.volumes;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            RemoveStackRequest.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.RemoveStackRequest)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.RemoveStackRequest: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.RemoveStackRequest();
                if (object.name != null)
                    if (typeof object.name !== "string" || object.name.length)
                        message.name = $String(object.name);
                if (object.volumes != null)
                    if (object.volumes)
                        message.volumes = $Boolean(object.volumes);
                return message;
            };

            RemoveStackRequest.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.name = "";
                    object.volumes = false;
                }
                if (message.name != null && $Object.hasOwnProperty.call(message, "name"))
                    object.name = message.name;
                if (message.volumes != null && $Object.hasOwnProperty.call(message, "volumes"))
                    object.volumes = message.volumes;
                return object;
            };

            RemoveStackRequest.prototype.toJSON = function() {
                return RemoveStackRequest.toObject(this, $protobuf.util.toJSONOptions);
            };

            return RemoveStackRequest;
        })();

        v1.RemoveStackReply = (function() {

            const RemoveStackReply = function (properties) {
                this.changes = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            RemoveStackReply.prototype.version = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            RemoveStackReply.prototype.changes = $util.emptyArray;

            RemoveStackReply.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && (typeof message.version === "object" ? message.version.low || message.version.high : message.version !== 0))
                    writer.uint32(8).uint64(message.version);
                if (message.changes != null && message.changes.length)
                    for (let i = 0; i < message.changes.length; ++i)
                        $root.tso.v1.ObjectChange.encode(message.changes[i], writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            RemoveStackReply.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.RemoveStackReply();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.changes && message.changes.length))
                                message.changes = [];
                            message.changes.push($root.tso.v1.ObjectChange.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            RemoveStackReply.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.RemoveStackReply)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.RemoveStackReply: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.RemoveStackReply();
                if (object.version != null)
                    if (typeof object.version === "object" ? object.version.low || object.version.high : $Number(object.version) !== 0)
                        if ($util.Long)
                            message.version = $util.Long.fromValue(object.version, true);
                        else if (typeof object.version === "string")
                            message.version = $parseInt(object.version, 10);
                        else if (typeof object.version === "number")
                            message.version = object.version;
                        else if (typeof object.version === "object")
                            message.version = new $util.LongBits(object.version.low >>> 0, object.version.high >>> 0).toNumber(true);
                if (object.changes) {
                    if (!$Array.isArray(object.changes))
                        throw $TypeError(".tso.v1.RemoveStackReply.changes: array expected");
                    message.changes = $Array(object.changes.length);
                    for (let i = 0; i < object.changes.length; ++i) {
                        if (!$util.isObject(object.changes[i]))
                            throw $TypeError(".tso.v1.RemoveStackReply.changes: object expected");
                        message.changes[i] = $root.tso.v1.ObjectChange.fromObject(object.changes[i], _depth + 1);
                    }
                }
                return message;
            };

            RemoveStackReply.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.changes = [];
                if (options.defaults)
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.version = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.version = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                if (message.version != null && $Object.hasOwnProperty.call(message, "version"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.version = typeof message.version === "number" ? $BigInt(message.version) : $util.Long.fromBits(message.version.low >>> 0, message.version.high >>> 0, true).toBigInt();
                    else if (typeof message.version === "number")
                        object.version = options.longs === $String ? $String(message.version) : message.version;
                    else
                        object.version = options.longs === $String ? $util.Long.prototype.toString.call(message.version) : options.longs === $Number ? new $util.LongBits(message.version.low >>> 0, message.version.high >>> 0).toNumber(true) : message.version;
                if (message.changes && message.changes.length) {
                    object.changes = $Array(message.changes.length);
                    for (let j = 0; j < message.changes.length; ++j)
                        object.changes[j] = $root.tso.v1.ObjectChange.toObject(message.changes[j], options, _depth + 1);
                }
                return object;
            };

            RemoveStackReply.prototype.toJSON = function() {
                return RemoveStackReply.toObject(this, $protobuf.util.toJSONOptions);
            };

            return RemoveStackReply;
        })();

        v1.ServiceScale = (function() {

            const ServiceScale = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ServiceScale.prototype.service = "";
            ServiceScale.prototype.replicas = 0;

            ServiceScale.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.service != null && $Object.hasOwnProperty.call(message, "service") && message.service !== "")
                    writer.uint32(10).string(message.service);
                if (message.replicas != null && $Object.hasOwnProperty.call(message, "replicas") && message.replicas !== 0)
                    writer.uint32(16).uint32(message.replicas);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ServiceScale.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ServiceScale();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.service = value;
                            else
                                delete message.service;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.replicas = value;
                            else
                                delete message.replicas;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ServiceScale.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ServiceScale)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ServiceScale: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ServiceScale();
                if (object.service != null)
                    if (typeof object.service !== "string" || object.service.length)
                        message.service = $String(object.service);
                if (object.replicas != null)
                    if ($Number(object.replicas) !== 0)
                        message.replicas = object.replicas >>> 0;
                return message;
            };

            ServiceScale.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.service = "";
                    object.replicas = 0;
                }
                if (message.service != null && $Object.hasOwnProperty.call(message, "service"))
                    object.service = message.service;
                if (message.replicas != null && $Object.hasOwnProperty.call(message, "replicas"))
                    object.replicas = message.replicas;
                return object;
            };

            ServiceScale.prototype.toJSON = function() {
                return ServiceScale.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ServiceScale;
        })();

        v1.ScaleServicesRequest = (function() {

            const ScaleServicesRequest = function (properties) {
                this.scales = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ScaleServicesRequest.prototype.stack = "";
            ScaleServicesRequest.prototype.scales = $util.emptyArray;

            ScaleServicesRequest.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack") && message.stack !== "")
                    writer.uint32(10).string(message.stack);
                if (message.scales != null && message.scales.length)
                    for (let i = 0; i < message.scales.length; ++i)
                        $root.tso.v1.ServiceScale.encode(message.scales[i], writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ScaleServicesRequest.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ScaleServicesRequest();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.stack = value;
                            else
                                delete message.stack;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.scales && message.scales.length))
                                message.scales = [];
                            message.scales.push($root.tso.v1.ServiceScale.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ScaleServicesRequest.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ScaleServicesRequest)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ScaleServicesRequest: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ScaleServicesRequest();
                if (object.stack != null)
                    if (typeof object.stack !== "string" || object.stack.length)
                        message.stack = $String(object.stack);
                if (object.scales) {
                    if (!$Array.isArray(object.scales))
                        throw $TypeError(".tso.v1.ScaleServicesRequest.scales: array expected");
                    message.scales = $Array(object.scales.length);
                    for (let i = 0; i < object.scales.length; ++i) {
                        if (!$util.isObject(object.scales[i]))
                            throw $TypeError(".tso.v1.ScaleServicesRequest.scales: object expected");
                        message.scales[i] = $root.tso.v1.ServiceScale.fromObject(object.scales[i], _depth + 1);
                    }
                }
                return message;
            };

            ScaleServicesRequest.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.scales = [];
                if (options.defaults)
                    object.stack = "";
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack"))
                    object.stack = message.stack;
                if (message.scales && message.scales.length) {
                    object.scales = $Array(message.scales.length);
                    for (let j = 0; j < message.scales.length; ++j)
                        object.scales[j] = $root.tso.v1.ServiceScale.toObject(message.scales[j], options, _depth + 1);
                }
                return object;
            };

            ScaleServicesRequest.prototype.toJSON = function() {
                return ScaleServicesRequest.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ScaleServicesRequest;
        })();

        v1.ScaleServicesReply = (function() {

            const ScaleServicesReply = function (properties) {
                this.changes = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ScaleServicesReply.prototype.version = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            ScaleServicesReply.prototype.changes = $util.emptyArray;

            ScaleServicesReply.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && (typeof message.version === "object" ? message.version.low || message.version.high : message.version !== 0))
                    writer.uint32(8).uint64(message.version);
                if (message.changes != null && message.changes.length)
                    for (let i = 0; i < message.changes.length; ++i)
                        $root.tso.v1.ObjectChange.encode(message.changes[i], writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ScaleServicesReply.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ScaleServicesReply();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.changes && message.changes.length))
                                message.changes = [];
                            message.changes.push($root.tso.v1.ObjectChange.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ScaleServicesReply.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ScaleServicesReply)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ScaleServicesReply: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ScaleServicesReply();
                if (object.version != null)
                    if (typeof object.version === "object" ? object.version.low || object.version.high : $Number(object.version) !== 0)
                        if ($util.Long)
                            message.version = $util.Long.fromValue(object.version, true);
                        else if (typeof object.version === "string")
                            message.version = $parseInt(object.version, 10);
                        else if (typeof object.version === "number")
                            message.version = object.version;
                        else if (typeof object.version === "object")
                            message.version = new $util.LongBits(object.version.low >>> 0, object.version.high >>> 0).toNumber(true);
                if (object.changes) {
                    if (!$Array.isArray(object.changes))
                        throw $TypeError(".tso.v1.ScaleServicesReply.changes: array expected");
                    message.changes = $Array(object.changes.length);
                    for (let i = 0; i < object.changes.length; ++i) {
                        if (!$util.isObject(object.changes[i]))
                            throw $TypeError(".tso.v1.ScaleServicesReply.changes: object expected");
                        message.changes[i] = $root.tso.v1.ObjectChange.fromObject(object.changes[i], _depth + 1);
                    }
                }
                return message;
            };

            ScaleServicesReply.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.changes = [];
                if (options.defaults)
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.version = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.version = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                if (message.version != null && $Object.hasOwnProperty.call(message, "version"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.version = typeof message.version === "number" ? $BigInt(message.version) : $util.Long.fromBits(message.version.low >>> 0, message.version.high >>> 0, true).toBigInt();
                    else if (typeof message.version === "number")
                        object.version = options.longs === $String ? $String(message.version) : message.version;
                    else
                        object.version = options.longs === $String ? $util.Long.prototype.toString.call(message.version) : options.longs === $Number ? new $util.LongBits(message.version.low >>> 0, message.version.high >>> 0).toNumber(true) : message.version;
                if (message.changes && message.changes.length) {
                    object.changes = $Array(message.changes.length);
                    for (let j = 0; j < message.changes.length; ++j)
                        object.changes[j] = $root.tso.v1.ObjectChange.toObject(message.changes[j], options, _depth + 1);
                }
                return object;
            };

            ScaleServicesReply.prototype.toJSON = function() {
                return ScaleServicesReply.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ScaleServicesReply;
        })();

        v1.GetStackRequest = (function() {

            const GetStackRequest = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            GetStackRequest.prototype.name = "";

            GetStackRequest.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(10).string(message.name);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            GetStackRequest.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.GetStackRequest();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            GetStackRequest.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.GetStackRequest)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.GetStackRequest: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.GetStackRequest();
                if (object.name != null)
                    if (typeof object.name !== "string" || object.name.length)
                        message.name = $String(object.name);
                return message;
            };

            GetStackRequest.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults)
                    object.name = "";
                if (message.name != null && $Object.hasOwnProperty.call(message, "name"))
                    object.name = message.name;
                return object;
            };

            GetStackRequest.prototype.toJSON = function() {
                return GetStackRequest.toObject(this, $protobuf.util.toJSONOptions);
            };

            return GetStackRequest;
        })();

        v1.WatchStackRequest = (function() {

            const WatchStackRequest = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            WatchStackRequest.prototype.name = "";
            WatchStackRequest.prototype.minVersion = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            WatchStackRequest.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(10).string(message.name);
                if (message.minVersion != null && $Object.hasOwnProperty.call(message, "minVersion") && (typeof message.minVersion === "object" ? message.minVersion.low || message.minVersion.high : message.minVersion !== 0))
                    writer.uint32(16).uint64(message.minVersion);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            WatchStackRequest.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.WatchStackRequest();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.minVersion = value;
                            else
                                delete message.minVersion;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            WatchStackRequest.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.WatchStackRequest)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.WatchStackRequest: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.WatchStackRequest();
                if (object.name != null)
                    if (typeof object.name !== "string" || object.name.length)
                        message.name = $String(object.name);
                if (object.minVersion != null)
                    if (typeof object.minVersion === "object" ? object.minVersion.low || object.minVersion.high : $Number(object.minVersion) !== 0)
                        if ($util.Long)
                            message.minVersion = $util.Long.fromValue(object.minVersion, true);
                        else if (typeof object.minVersion === "string")
                            message.minVersion = $parseInt(object.minVersion, 10);
                        else if (typeof object.minVersion === "number")
                            message.minVersion = object.minVersion;
                        else if (typeof object.minVersion === "object")
                            message.minVersion = new $util.LongBits(object.minVersion.low >>> 0, object.minVersion.high >>> 0).toNumber(true);
                return message;
            };

            WatchStackRequest.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.name = "";
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.minVersion = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.minVersion = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                }
                if (message.name != null && $Object.hasOwnProperty.call(message, "name"))
                    object.name = message.name;
                if (message.minVersion != null && $Object.hasOwnProperty.call(message, "minVersion"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.minVersion = typeof message.minVersion === "number" ? $BigInt(message.minVersion) : $util.Long.fromBits(message.minVersion.low >>> 0, message.minVersion.high >>> 0, true).toBigInt();
                    else if (typeof message.minVersion === "number")
                        object.minVersion = options.longs === $String ? $String(message.minVersion) : message.minVersion;
                    else
                        object.minVersion = options.longs === $String ? $util.Long.prototype.toString.call(message.minVersion) : options.longs === $Number ? new $util.LongBits(message.minVersion.low >>> 0, message.minVersion.high >>> 0).toNumber(true) : message.minVersion;
                return object;
            };

            WatchStackRequest.prototype.toJSON = function() {
                return WatchStackRequest.toObject(this, $protobuf.util.toJSONOptions);
            };

            return WatchStackRequest;
        })();

        v1.StackView = (function() {

            const StackView = function (properties) {
                this.services = [];
                this.networks = [];
                this.volumes = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            StackView.prototype.name = "";
            StackView.prototype.version = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            StackView.prototype.exists = false;
            StackView.prototype.services = $util.emptyArray;
            StackView.prototype.networks = $util.emptyArray;
            StackView.prototype.volumes = $util.emptyArray;

            StackView.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(10).string(message.name);
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && (typeof message.version === "object" ? message.version.low || message.version.high : message.version !== 0))
                    writer.uint32(16).uint64(message.version);
                if (message.exists != null && $Object.hasOwnProperty.call(message, "exists") && message.exists !== false)
                    writer.uint32(24).bool(message.exists);
                if (message.services != null && message.services.length)
                    for (let i = 0; i < message.services.length; ++i)
                        $root.tso.v1.ServiceView.encode(message.services[i], writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.networks != null && message.networks.length)
                    for (let i = 0; i < message.networks.length; ++i)
                        $root.tso.v1.Network.encode(message.networks[i], writer.uint32(42).fork(), _depth + 1).ldelim();
                if (message.volumes != null && message.volumes.length)
                    for (let i = 0; i < message.volumes.length; ++i)
                        $root.tso.v1.Volume.encode(message.volumes[i], writer.uint32(50).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            StackView.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.StackView();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.exists = value;
                            else
                                delete message.exists;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if (!(message.services && message.services.length))
                                message.services = [];
                            message.services.push($root.tso.v1.ServiceView.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (!(message.networks && message.networks.length))
                                message.networks = [];
                            message.networks.push($root.tso.v1.Network.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if (!(message.volumes && message.volumes.length))
                                message.volumes = [];
                            message.volumes.push($root.tso.v1.Volume.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            StackView.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.StackView)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.StackView: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.StackView();
                if (object.name != null)
                    if (typeof object.name !== "string" || object.name.length)
                        message.name = $String(object.name);
                if (object.version != null)
                    if (typeof object.version === "object" ? object.version.low || object.version.high : $Number(object.version) !== 0)
                        if ($util.Long)
                            message.version = $util.Long.fromValue(object.version, true);
                        else if (typeof object.version === "string")
                            message.version = $parseInt(object.version, 10);
                        else if (typeof object.version === "number")
                            message.version = object.version;
                        else if (typeof object.version === "object")
                            message.version = new $util.LongBits(object.version.low >>> 0, object.version.high >>> 0).toNumber(true);
                if (object.exists != null)
                    if (object.exists)
                        message.exists = $Boolean(object.exists);
                if (object.services) {
                    if (!$Array.isArray(object.services))
                        throw $TypeError(".tso.v1.StackView.services: array expected");
                    message.services = $Array(object.services.length);
                    for (let i = 0; i < object.services.length; ++i) {
                        if (!$util.isObject(object.services[i]))
                            throw $TypeError(".tso.v1.StackView.services: object expected");
                        message.services[i] = $root.tso.v1.ServiceView.fromObject(object.services[i], _depth + 1);
                    }
                }
                if (object.networks) {
                    if (!$Array.isArray(object.networks))
                        throw $TypeError(".tso.v1.StackView.networks: array expected");
                    message.networks = $Array(object.networks.length);
                    for (let i = 0; i < object.networks.length; ++i) {
                        if (!$util.isObject(object.networks[i]))
                            throw $TypeError(".tso.v1.StackView.networks: object expected");
                        message.networks[i] = $root.tso.v1.Network.fromObject(object.networks[i], _depth + 1);
                    }
                }
                if (object.volumes) {
                    if (!$Array.isArray(object.volumes))
                        throw $TypeError(".tso.v1.StackView.volumes: array expected");
                    message.volumes = $Array(object.volumes.length);
                    for (let i = 0; i < object.volumes.length; ++i) {
                        if (!$util.isObject(object.volumes[i]))
                            throw $TypeError(".tso.v1.StackView.volumes: object expected");
                        message.volumes[i] = $root.tso.v1.Volume.fromObject(object.volumes[i], _depth + 1);
                    }
                }
                return message;
            };

            StackView.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults) {
                    object.services = [];
                    object.networks = [];
                    object.volumes = [];
                }
                if (options.defaults) {
                    object.name = "";
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.version = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.version = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.exists = false;
                }
                if (message.name != null && $Object.hasOwnProperty.call(message, "name"))
                    object.name = message.name;
                if (message.version != null && $Object.hasOwnProperty.call(message, "version"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.version = typeof message.version === "number" ? $BigInt(message.version) : $util.Long.fromBits(message.version.low >>> 0, message.version.high >>> 0, true).toBigInt();
                    else if (typeof message.version === "number")
                        object.version = options.longs === $String ? $String(message.version) : message.version;
                    else
                        object.version = options.longs === $String ? $util.Long.prototype.toString.call(message.version) : options.longs === $Number ? new $util.LongBits(message.version.low >>> 0, message.version.high >>> 0).toNumber(true) : message.version;
                if (message.exists != null && $Object.hasOwnProperty.call(message, "exists"))
                    object.exists = message.exists;
                if (message.services && message.services.length) {
                    object.services = $Array(message.services.length);
                    for (let j = 0; j < message.services.length; ++j)
                        object.services[j] = $root.tso.v1.ServiceView.toObject(message.services[j], options, _depth + 1);
                }
                if (message.networks && message.networks.length) {
                    object.networks = $Array(message.networks.length);
                    for (let j = 0; j < message.networks.length; ++j)
                        object.networks[j] = $root.tso.v1.Network.toObject(message.networks[j], options, _depth + 1);
                }
                if (message.volumes && message.volumes.length) {
                    object.volumes = $Array(message.volumes.length);
                    for (let j = 0; j < message.volumes.length; ++j)
                        object.volumes[j] = $root.tso.v1.Volume.toObject(message.volumes[j], options, _depth + 1);
                }
                return object;
            };

            StackView.prototype.toJSON = function() {
                return StackView.toObject(this, $protobuf.util.toJSONOptions);
            };

            return StackView;
        })();

        v1.ServiceView = (function() {

            const ServiceView = function (properties) {
                this.tasks = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ServiceView.prototype.service = null;
            ServiceView.prototype.tasks = $util.emptyArray;
            ServiceView.prototype.desired = 0;
            ServiceView.prototype.running = 0;
            ServiceView.prototype.healthy = 0;
            ServiceView.prototype.converged = false;
            ServiceView.prototype.waitingReason = "";
            ServiceView.prototype.failed = false;

            ServiceView.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.service != null && $Object.hasOwnProperty.call(message, "service"))
                    $root.tso.v1.Service.encode(message.service, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.tasks != null && message.tasks.length)
                    for (let i = 0; i < message.tasks.length; ++i)
                        $root.tso.v1.Task.encode(message.tasks[i], writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.desired != null && $Object.hasOwnProperty.call(message, "desired") && message.desired !== 0)
                    writer.uint32(24).uint32(message.desired);
                if (message.running != null && $Object.hasOwnProperty.call(message, "running") && message.running !== 0)
                    writer.uint32(32).uint32(message.running);
                if (message.healthy != null && $Object.hasOwnProperty.call(message, "healthy") && message.healthy !== 0)
                    writer.uint32(40).uint32(message.healthy);
                if (message.converged != null && $Object.hasOwnProperty.call(message, "converged") && message.converged !== false)
                    writer.uint32(48).bool(message.converged);
                if (message.waitingReason != null && $Object.hasOwnProperty.call(message, "waitingReason") && message.waitingReason !== "")
                    writer.uint32(58).string(message.waitingReason);
                if (message.failed != null && $Object.hasOwnProperty.call(message, "failed") && message.failed !== false)
                    writer.uint32(64).bool(message.failed);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ServiceView.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ServiceView();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.service = $root.tso.v1.Service.decode(reader, reader.size(), $undefined, _depth + 1, message.service);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.tasks && message.tasks.length))
                                message.tasks = [];
                            message.tasks.push($root.tso.v1.Task.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.desired = value;
                            else
                                delete message.desired;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.running = value;
                            else
                                delete message.running;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.healthy = value;
                            else
                                delete message.healthy;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.converged = value;
                            else
                                delete message.converged;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.waitingReason = value;
                            else
                                delete message.waitingReason;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.failed = value;
                            else
                                delete message.failed;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ServiceView.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ServiceView)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ServiceView: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ServiceView();
                if (object.service != null) {
                    if (!$util.isObject(object.service))
                        throw $TypeError(".tso.v1.ServiceView.service: object expected");
                    message.service = $root.tso.v1.Service.fromObject(object.service, _depth + 1);
                }
                if (object.tasks) {
                    if (!$Array.isArray(object.tasks))
                        throw $TypeError(".tso.v1.ServiceView.tasks: array expected");
                    message.tasks = $Array(object.tasks.length);
                    for (let i = 0; i < object.tasks.length; ++i) {
                        if (!$util.isObject(object.tasks[i]))
                            throw $TypeError(".tso.v1.ServiceView.tasks: object expected");
                        message.tasks[i] = $root.tso.v1.Task.fromObject(object.tasks[i], _depth + 1);
                    }
                }
                if (object.desired != null)
                    if ($Number(object.desired) !== 0)
                        message.desired = object.desired >>> 0;
                if (object.running != null)
                    if ($Number(object.running) !== 0)
                        message.running = object.running >>> 0;
                if (object.healthy != null)
                    if ($Number(object.healthy) !== 0)
                        message.healthy = object.healthy >>> 0;
                if (object.converged != null)
                    if (object.converged)
                        message.converged = $Boolean(object.converged);
                if (object.waitingReason != null)
                    if (typeof object.waitingReason !== "string" || object.waitingReason.length)
                        message.waitingReason = $String(object.waitingReason);
                if (object.failed != null)
                    if (object.failed)
                        message.failed = $Boolean(object.failed);
                return message;
            };

            ServiceView.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.tasks = [];
                if (options.defaults) {
                    object.service = null;
                    object.desired = 0;
                    object.running = 0;
                    object.healthy = 0;
                    object.converged = false;
                    object.waitingReason = "";
                    object.failed = false;
                }
                if (message.service != null && $Object.hasOwnProperty.call(message, "service"))
                    object.service = $root.tso.v1.Service.toObject(message.service, options, _depth + 1);
                if (message.tasks && message.tasks.length) {
                    object.tasks = $Array(message.tasks.length);
                    for (let j = 0; j < message.tasks.length; ++j)
                        object.tasks[j] = $root.tso.v1.Task.toObject(message.tasks[j], options, _depth + 1);
                }
                if (message.desired != null && $Object.hasOwnProperty.call(message, "desired"))
                    object.desired = message.desired;
                if (message.running != null && $Object.hasOwnProperty.call(message, "running"))
                    object.running = message.running;
                if (message.healthy != null && $Object.hasOwnProperty.call(message, "healthy"))
                    object.healthy = message.healthy;
                if (message.converged != null && $Object.hasOwnProperty.call(message, "converged"))
                    object.converged = message.converged;
                if (message.waitingReason != null && $Object.hasOwnProperty.call(message, "waitingReason"))
                    object.waitingReason = message.waitingReason;
                if (message.failed != null && $Object.hasOwnProperty.call(message, "failed"))
                    object.failed = message.failed;
                return object;
            };

            ServiceView.prototype.toJSON = function() {
                return ServiceView.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ServiceView;
        })();

        v1.ListStacksRequest = (function() {

            const ListStacksRequest = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ListStacksRequest.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ListStacksRequest.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ListStacksRequest();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    reader.skipType(tag & 7, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ListStacksRequest.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ListStacksRequest)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ListStacksRequest: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                return new $root.tso.v1.ListStacksRequest();
            };

            ListStacksRequest.toObject = function () {
                return {};
            };

            ListStacksRequest.prototype.toJSON = function() {
                return ListStacksRequest.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ListStacksRequest;
        })();

        v1.StackSummary = (function() {

            const StackSummary = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            StackSummary.prototype.name = "";
            StackSummary.prototype.services = 0;
            StackSummary.prototype.tasksDesired = 0;
            StackSummary.prototype.tasksRunning = 0;

            StackSummary.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(10).string(message.name);
                if (message.services != null && $Object.hasOwnProperty.call(message, "services") && message.services !== 0)
                    writer.uint32(16).uint32(message.services);
                if (message.tasksDesired != null && $Object.hasOwnProperty.call(message, "tasksDesired") && message.tasksDesired !== 0)
                    writer.uint32(24).uint32(message.tasksDesired);
                if (message.tasksRunning != null && $Object.hasOwnProperty.call(message, "tasksRunning") && message.tasksRunning !== 0)
                    writer.uint32(32).uint32(message.tasksRunning);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            StackSummary.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.StackSummary();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.services = value;
                            else
                                delete message.services;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.tasksDesired = value;
                            else
                                delete message.tasksDesired;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.tasksRunning = value;
                            else
                                delete message.tasksRunning;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            StackSummary.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.StackSummary)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.StackSummary: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.StackSummary();
                if (object.name != null)
                    if (typeof object.name !== "string" || object.name.length)
                        message.name = $String(object.name);
                if (object.services != null)
                    if ($Number(object.services) !== 0)
                        message.services = object.services >>> 0;
                if (object.tasksDesired != null)
                    if ($Number(object.tasksDesired) !== 0)
                        message.tasksDesired = object.tasksDesired >>> 0;
                if (object.tasksRunning != null)
                    if ($Number(object.tasksRunning) !== 0)
                        message.tasksRunning = object.tasksRunning >>> 0;
                return message;
            };

            StackSummary.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.name = "";
                    object.services = 0;
                    object.tasksDesired = 0;
                    object.tasksRunning = 0;
                }
                if (message.name != null && $Object.hasOwnProperty.call(message, "name"))
                    object.name = message.name;
                if (message.services != null && $Object.hasOwnProperty.call(message, "services"))
                    object.services = message.services;
                if (message.tasksDesired != null && $Object.hasOwnProperty.call(message, "tasksDesired"))
                    object.tasksDesired = message.tasksDesired;
                if (message.tasksRunning != null && $Object.hasOwnProperty.call(message, "tasksRunning"))
                    object.tasksRunning = message.tasksRunning;
                return object;
            };

            StackSummary.prototype.toJSON = function() {
                return StackSummary.toObject(this, $protobuf.util.toJSONOptions);
            };

            return StackSummary;
        })();

        v1.ListStacksReply = (function() {

            const ListStacksReply = function (properties) {
                this.stacks = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ListStacksReply.prototype.stacks = $util.emptyArray;

            ListStacksReply.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.stacks != null && message.stacks.length)
                    for (let i = 0; i < message.stacks.length; ++i)
                        $root.tso.v1.StackSummary.encode(message.stacks[i], writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ListStacksReply.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ListStacksReply();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if (!(message.stacks && message.stacks.length))
                                message.stacks = [];
                            message.stacks.push($root.tso.v1.StackSummary.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ListStacksReply.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ListStacksReply)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ListStacksReply: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ListStacksReply();
                if (object.stacks) {
                    if (!$Array.isArray(object.stacks))
                        throw $TypeError(".tso.v1.ListStacksReply.stacks: array expected");
                    message.stacks = $Array(object.stacks.length);
                    for (let i = 0; i < object.stacks.length; ++i) {
                        if (!$util.isObject(object.stacks[i]))
                            throw $TypeError(".tso.v1.ListStacksReply.stacks: object expected");
                        message.stacks[i] = $root.tso.v1.StackSummary.fromObject(object.stacks[i], _depth + 1);
                    }
                }
                return message;
            };

            ListStacksReply.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.stacks = [];
                if (message.stacks && message.stacks.length) {
                    object.stacks = $Array(message.stacks.length);
                    for (let j = 0; j < message.stacks.length; ++j)
                        object.stacks[j] = $root.tso.v1.StackSummary.toObject(message.stacks[j], options, _depth + 1);
                }
                return object;
            };

            ListStacksReply.prototype.toJSON = function() {
                return ListStacksReply.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ListStacksReply;
        })();

        v1.ListTasksRequest = (function() {

            const ListTasksRequest = function (properties) {
                this.services = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ListTasksRequest.prototype.stack = "";
            ListTasksRequest.prototype.services = $util.emptyArray;
            ListTasksRequest.prototype.all = false;

            ListTasksRequest.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack") && message.stack !== "")
                    writer.uint32(10).string(message.stack);
                if (message.services != null && message.services.length)
                    for (let i = 0; i < message.services.length; ++i)
                        writer.uint32(18).string(message.services[i]);
                if (message.all != null && $Object.hasOwnProperty.call(message, "all") && message.all !== false)
                    writer.uint32(24).bool(message.all);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ListTasksRequest.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ListTasksRequest();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.stack = value;
                            else
                                delete message.stack;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.services && message.services.length))
                                message.services = [];
                            message.services.push(reader.stringVerify());
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.all = value;
                            else
                                delete message.all;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ListTasksRequest.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ListTasksRequest)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ListTasksRequest: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ListTasksRequest();
                if (object.stack != null)
                    if (typeof object.stack !== "string" || object.stack.length)
                        message.stack = $String(object.stack);
                if (object.services) {
                    if (!$Array.isArray(object.services))
                        throw $TypeError(".tso.v1.ListTasksRequest.services: array expected");
                    message.services = $Array(object.services.length);
                    for (let i = 0; i < object.services.length; ++i)
                        message.services[i] = $String(object.services[i]);
                }
                if (object.all != null)
                    if (object.all)
                        message.all = $Boolean(object.all);
                return message;
            };

            ListTasksRequest.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.services = [];
                if (options.defaults) {
                    object.stack = "";
                    object.all = false;
                }
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack"))
                    object.stack = message.stack;
                if (message.services && message.services.length) {
                    object.services = $Array(message.services.length);
                    for (let j = 0; j < message.services.length; ++j)
                        object.services[j] = message.services[j];
                }
                if (message.all != null && $Object.hasOwnProperty.call(message, "all"))
                    object.all = message.all;
                return object;
            };

            ListTasksRequest.prototype.toJSON = function() {
                return ListTasksRequest.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ListTasksRequest;
        })();

        v1.TaskView = (function() {

            const TaskView = function (properties) {
                this.addresses = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            TaskView.prototype.task = null;
            TaskView.prototype.node = "";
            TaskView.prototype.addresses = $util.emptyArray;

            TaskView.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.task != null && $Object.hasOwnProperty.call(message, "task"))
                    $root.tso.v1.Task.encode(message.task, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.node != null && $Object.hasOwnProperty.call(message, "node") && message.node !== "")
                    writer.uint32(18).string(message.node);
                if (message.addresses != null && message.addresses.length)
                    for (let i = 0; i < message.addresses.length; ++i)
                        $root.tso.v1.NetworkAddress.encode(message.addresses[i], writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            TaskView.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.TaskView();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.task = $root.tso.v1.Task.decode(reader, reader.size(), $undefined, _depth + 1, message.task);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.node = value;
                            else
                                delete message.node;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.addresses && message.addresses.length))
                                message.addresses = [];
                            message.addresses.push($root.tso.v1.NetworkAddress.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            TaskView.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.TaskView)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.TaskView: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.TaskView();
                if (object.task != null) {
                    if (!$util.isObject(object.task))
                        throw $TypeError(".tso.v1.TaskView.task: object expected");
                    message.task = $root.tso.v1.Task.fromObject(object.task, _depth + 1);
                }
                if (object.node != null)
                    if (typeof object.node !== "string" || object.node.length)
                        message.node = $String(object.node);
                if (object.addresses) {
                    if (!$Array.isArray(object.addresses))
                        throw $TypeError(".tso.v1.TaskView.addresses: array expected");
                    message.addresses = $Array(object.addresses.length);
                    for (let i = 0; i < object.addresses.length; ++i) {
                        if (!$util.isObject(object.addresses[i]))
                            throw $TypeError(".tso.v1.TaskView.addresses: object expected");
                        message.addresses[i] = $root.tso.v1.NetworkAddress.fromObject(object.addresses[i], _depth + 1);
                    }
                }
                return message;
            };

            TaskView.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.addresses = [];
                if (options.defaults) {
                    object.task = null;
                    object.node = "";
                }
                if (message.task != null && $Object.hasOwnProperty.call(message, "task"))
                    object.task = $root.tso.v1.Task.toObject(message.task, options, _depth + 1);
                if (message.node != null && $Object.hasOwnProperty.call(message, "node"))
                    object.node = message.node;
                if (message.addresses && message.addresses.length) {
                    object.addresses = $Array(message.addresses.length);
                    for (let j = 0; j < message.addresses.length; ++j)
                        object.addresses[j] = $root.tso.v1.NetworkAddress.toObject(message.addresses[j], options, _depth + 1);
                }
                return object;
            };

            TaskView.prototype.toJSON = function() {
                return TaskView.toObject(this, $protobuf.util.toJSONOptions);
            };

            return TaskView;
        })();

        v1.NetworkAddress = (function() {

            const NetworkAddress = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            NetworkAddress.prototype.network = "";
            NetworkAddress.prototype.address = "";

            NetworkAddress.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.network != null && $Object.hasOwnProperty.call(message, "network") && message.network !== "")
                    writer.uint32(10).string(message.network);
                if (message.address != null && $Object.hasOwnProperty.call(message, "address") && message.address !== "")
                    writer.uint32(18).string(message.address);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            NetworkAddress.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.NetworkAddress();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.network = value;
                            else
                                delete message.network;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.address = value;
                            else
                                delete message.address;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            NetworkAddress.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.NetworkAddress)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.NetworkAddress: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.NetworkAddress();
                if (object.network != null)
                    if (typeof object.network !== "string" || object.network.length)
                        message.network = $String(object.network);
                if (object.address != null)
                    if (typeof object.address !== "string" || object.address.length)
                        message.address = $String(object.address);
                return message;
            };

            NetworkAddress.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.network = "";
                    object.address = "";
                }
                if (message.network != null && $Object.hasOwnProperty.call(message, "network"))
                    object.network = message.network;
                if (message.address != null && $Object.hasOwnProperty.call(message, "address"))
                    object.address = message.address;
                return object;
            };

            NetworkAddress.prototype.toJSON = function() {
                return NetworkAddress.toObject(this, $protobuf.util.toJSONOptions);
            };

            return NetworkAddress;
        })();

        v1.ListTasksReply = (function() {

            const ListTasksReply = function (properties) {
                this.tasks = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ListTasksReply.prototype.tasks = $util.emptyArray;
            ListTasksReply.prototype.version = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            ListTasksReply.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.tasks != null && message.tasks.length)
                    for (let i = 0; i < message.tasks.length; ++i)
                        $root.tso.v1.TaskView.encode(message.tasks[i], writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && (typeof message.version === "object" ? message.version.low || message.version.high : message.version !== 0))
                    writer.uint32(16).uint64(message.version);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ListTasksReply.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ListTasksReply();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if (!(message.tasks && message.tasks.length))
                                message.tasks = [];
                            message.tasks.push($root.tso.v1.TaskView.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ListTasksReply.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ListTasksReply)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ListTasksReply: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ListTasksReply();
                if (object.tasks) {
                    if (!$Array.isArray(object.tasks))
                        throw $TypeError(".tso.v1.ListTasksReply.tasks: array expected");
                    message.tasks = $Array(object.tasks.length);
                    for (let i = 0; i < object.tasks.length; ++i) {
                        if (!$util.isObject(object.tasks[i]))
                            throw $TypeError(".tso.v1.ListTasksReply.tasks: object expected");
                        message.tasks[i] = $root.tso.v1.TaskView.fromObject(object.tasks[i], _depth + 1);
                    }
                }
                if (object.version != null)
                    if (typeof object.version === "object" ? object.version.low || object.version.high : $Number(object.version) !== 0)
                        if ($util.Long)
                            message.version = $util.Long.fromValue(object.version, true);
                        else if (typeof object.version === "string")
                            message.version = $parseInt(object.version, 10);
                        else if (typeof object.version === "number")
                            message.version = object.version;
                        else if (typeof object.version === "object")
                            message.version = new $util.LongBits(object.version.low >>> 0, object.version.high >>> 0).toNumber(true);
                return message;
            };

            ListTasksReply.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.tasks = [];
                if (options.defaults)
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.version = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.version = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                if (message.tasks && message.tasks.length) {
                    object.tasks = $Array(message.tasks.length);
                    for (let j = 0; j < message.tasks.length; ++j)
                        object.tasks[j] = $root.tso.v1.TaskView.toObject(message.tasks[j], options, _depth + 1);
                }
                if (message.version != null && $Object.hasOwnProperty.call(message, "version"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.version = typeof message.version === "number" ? $BigInt(message.version) : $util.Long.fromBits(message.version.low >>> 0, message.version.high >>> 0, true).toBigInt();
                    else if (typeof message.version === "number")
                        object.version = options.longs === $String ? $String(message.version) : message.version;
                    else
                        object.version = options.longs === $String ? $util.Long.prototype.toString.call(message.version) : options.longs === $Number ? new $util.LongBits(message.version.low >>> 0, message.version.high >>> 0).toNumber(true) : message.version;
                return object;
            };

            ListTasksReply.prototype.toJSON = function() {
                return ListTasksReply.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ListTasksReply;
        })();

        v1.ListNodesRequest = (function() {

            const ListNodesRequest = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ListNodesRequest.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ListNodesRequest.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ListNodesRequest();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    reader.skipType(tag & 7, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ListNodesRequest.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ListNodesRequest)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ListNodesRequest: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                return new $root.tso.v1.ListNodesRequest();
            };

            ListNodesRequest.toObject = function () {
                return {};
            };

            ListNodesRequest.prototype.toJSON = function() {
                return ListNodesRequest.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ListNodesRequest;
        })();

        v1.ListNodesReply = (function() {

            const ListNodesReply = function (properties) {
                this.nodes = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ListNodesReply.prototype.nodes = $util.emptyArray;

            ListNodesReply.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.nodes != null && message.nodes.length)
                    for (let i = 0; i < message.nodes.length; ++i)
                        $root.tso.v1.Node.encode(message.nodes[i], writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ListNodesReply.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ListNodesReply();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if (!(message.nodes && message.nodes.length))
                                message.nodes = [];
                            message.nodes.push($root.tso.v1.Node.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ListNodesReply.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ListNodesReply)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ListNodesReply: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ListNodesReply();
                if (object.nodes) {
                    if (!$Array.isArray(object.nodes))
                        throw $TypeError(".tso.v1.ListNodesReply.nodes: array expected");
                    message.nodes = $Array(object.nodes.length);
                    for (let i = 0; i < object.nodes.length; ++i) {
                        if (!$util.isObject(object.nodes[i]))
                            throw $TypeError(".tso.v1.ListNodesReply.nodes: object expected");
                        message.nodes[i] = $root.tso.v1.Node.fromObject(object.nodes[i], _depth + 1);
                    }
                }
                return message;
            };

            ListNodesReply.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.nodes = [];
                if (message.nodes && message.nodes.length) {
                    object.nodes = $Array(message.nodes.length);
                    for (let j = 0; j < message.nodes.length; ++j)
                        object.nodes[j] = $root.tso.v1.Node.toObject(message.nodes[j], options, _depth + 1);
                }
                return object;
            };

            ListNodesReply.prototype.toJSON = function() {
                return ListNodesReply.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ListNodesReply;
        })();

        v1.GetInfoRequest = (function() {

            const GetInfoRequest = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            GetInfoRequest.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            GetInfoRequest.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.GetInfoRequest();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    reader.skipType(tag & 7, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            GetInfoRequest.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.GetInfoRequest)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.GetInfoRequest: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                return new $root.tso.v1.GetInfoRequest();
            };

            GetInfoRequest.toObject = function () {
                return {};
            };

            GetInfoRequest.prototype.toJSON = function() {
                return GetInfoRequest.toObject(this, $protobuf.util.toJSONOptions);
            };

            return GetInfoRequest;
        })();

        v1.ClusterInfo = (function() {

            const ClusterInfo = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ClusterInfo.prototype.clusterId = "";
            ClusterInfo.prototype.version = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            ClusterInfo.prototype.nodes = 0;
            ClusterInfo.prototype.nodesReady = 0;
            ClusterInfo.prototype.stacks = 0;
            ClusterInfo.prototype.services = 0;
            ClusterInfo.prototype.tasks = 0;
            ClusterInfo.prototype.tasksRunning = 0;
            ClusterInfo.prototype.engineVersion = "";

            ClusterInfo.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.clusterId != null && $Object.hasOwnProperty.call(message, "clusterId") && message.clusterId !== "")
                    writer.uint32(10).string(message.clusterId);
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && (typeof message.version === "object" ? message.version.low || message.version.high : message.version !== 0))
                    writer.uint32(16).uint64(message.version);
                if (message.nodes != null && $Object.hasOwnProperty.call(message, "nodes") && message.nodes !== 0)
                    writer.uint32(24).uint32(message.nodes);
                if (message.nodesReady != null && $Object.hasOwnProperty.call(message, "nodesReady") && message.nodesReady !== 0)
                    writer.uint32(32).uint32(message.nodesReady);
                if (message.stacks != null && $Object.hasOwnProperty.call(message, "stacks") && message.stacks !== 0)
                    writer.uint32(40).uint32(message.stacks);
                if (message.services != null && $Object.hasOwnProperty.call(message, "services") && message.services !== 0)
                    writer.uint32(48).uint32(message.services);
                if (message.tasks != null && $Object.hasOwnProperty.call(message, "tasks") && message.tasks !== 0)
                    writer.uint32(56).uint32(message.tasks);
                if (message.tasksRunning != null && $Object.hasOwnProperty.call(message, "tasksRunning") && message.tasksRunning !== 0)
                    writer.uint32(64).uint32(message.tasksRunning);
                if (message.engineVersion != null && $Object.hasOwnProperty.call(message, "engineVersion") && message.engineVersion !== "")
                    writer.uint32(74).string(message.engineVersion);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ClusterInfo.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ClusterInfo();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.clusterId = value;
                            else
                                delete message.clusterId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.nodes = value;
                            else
                                delete message.nodes;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.nodesReady = value;
                            else
                                delete message.nodesReady;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.stacks = value;
                            else
                                delete message.stacks;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.services = value;
                            else
                                delete message.services;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.tasks = value;
                            else
                                delete message.tasks;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.tasksRunning = value;
                            else
                                delete message.tasksRunning;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.engineVersion = value;
                            else
                                delete message.engineVersion;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ClusterInfo.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ClusterInfo)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ClusterInfo: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ClusterInfo();
                if (object.clusterId != null)
                    if (typeof object.clusterId !== "string" || object.clusterId.length)
                        message.clusterId = $String(object.clusterId);
                if (object.version != null)
                    if (typeof object.version === "object" ? object.version.low || object.version.high : $Number(object.version) !== 0)
                        if ($util.Long)
                            message.version = $util.Long.fromValue(object.version, true);
                        else if (typeof object.version === "string")
                            message.version = $parseInt(object.version, 10);
                        else if (typeof object.version === "number")
                            message.version = object.version;
                        else if (typeof object.version === "object")
                            message.version = new $util.LongBits(object.version.low >>> 0, object.version.high >>> 0).toNumber(true);
                if (object.nodes != null)
                    if ($Number(object.nodes) !== 0)
                        message.nodes = object.nodes >>> 0;
                if (object.nodesReady != null)
                    if ($Number(object.nodesReady) !== 0)
                        message.nodesReady = object.nodesReady >>> 0;
                if (object.stacks != null)
                    if ($Number(object.stacks) !== 0)
                        message.stacks = object.stacks >>> 0;
                if (object.services != null)
                    if ($Number(object.services) !== 0)
                        message.services = object.services >>> 0;
                if (object.tasks != null)
                    if ($Number(object.tasks) !== 0)
                        message.tasks = object.tasks >>> 0;
                if (object.tasksRunning != null)
                    if ($Number(object.tasksRunning) !== 0)
                        message.tasksRunning = object.tasksRunning >>> 0;
                if (object.engineVersion != null)
                    if (typeof object.engineVersion !== "string" || object.engineVersion.length)
                        message.engineVersion = $String(object.engineVersion);
                return message;
            };

            ClusterInfo.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.clusterId = "";
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.version = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.version = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.nodes = 0;
                    object.nodesReady = 0;
                    object.stacks = 0;
                    object.services = 0;
                    object.tasks = 0;
                    object.tasksRunning = 0;
                    object.engineVersion = "";
                }
                if (message.clusterId != null && $Object.hasOwnProperty.call(message, "clusterId"))
                    object.clusterId = message.clusterId;
                if (message.version != null && $Object.hasOwnProperty.call(message, "version"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.version = typeof message.version === "number" ? $BigInt(message.version) : $util.Long.fromBits(message.version.low >>> 0, message.version.high >>> 0, true).toBigInt();
                    else if (typeof message.version === "number")
                        object.version = options.longs === $String ? $String(message.version) : message.version;
                    else
                        object.version = options.longs === $String ? $util.Long.prototype.toString.call(message.version) : options.longs === $Number ? new $util.LongBits(message.version.low >>> 0, message.version.high >>> 0).toNumber(true) : message.version;
                if (message.nodes != null && $Object.hasOwnProperty.call(message, "nodes"))
                    object.nodes = message.nodes;
                if (message.nodesReady != null && $Object.hasOwnProperty.call(message, "nodesReady"))
                    object.nodesReady = message.nodesReady;
                if (message.stacks != null && $Object.hasOwnProperty.call(message, "stacks"))
                    object.stacks = message.stacks;
                if (message.services != null && $Object.hasOwnProperty.call(message, "services"))
                    object.services = message.services;
                if (message.tasks != null && $Object.hasOwnProperty.call(message, "tasks"))
                    object.tasks = message.tasks;
                if (message.tasksRunning != null && $Object.hasOwnProperty.call(message, "tasksRunning"))
                    object.tasksRunning = message.tasksRunning;
                if (message.engineVersion != null && $Object.hasOwnProperty.call(message, "engineVersion"))
                    object.engineVersion = message.engineVersion;
                return object;
            };

            ClusterInfo.prototype.toJSON = function() {
                return ClusterInfo.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ClusterInfo;
        })();

        v1.LogsRequest = (function() {

            const LogsRequest = function (properties) {
                this.targets = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            LogsRequest.prototype.stack = "";
            LogsRequest.prototype.targets = $util.emptyArray;
            LogsRequest.prototype.options = null;

            LogsRequest.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack") && message.stack !== "")
                    writer.uint32(10).string(message.stack);
                if (message.targets != null && message.targets.length)
                    for (let i = 0; i < message.targets.length; ++i)
                        writer.uint32(18).string(message.targets[i]);
                if (message.options != null && $Object.hasOwnProperty.call(message, "options"))
                    $root.tso.v1.LogsOptions.encode(message.options, writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            LogsRequest.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.LogsRequest();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.stack = value;
                            else
                                delete message.stack;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.targets && message.targets.length))
                                message.targets = [];
                            message.targets.push(reader.stringVerify());
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.options = $root.tso.v1.LogsOptions.decode(reader, reader.size(), $undefined, _depth + 1, message.options);
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            LogsRequest.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.LogsRequest)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.LogsRequest: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.LogsRequest();
                if (object.stack != null)
                    if (typeof object.stack !== "string" || object.stack.length)
                        message.stack = $String(object.stack);
                if (object.targets) {
                    if (!$Array.isArray(object.targets))
                        throw $TypeError(".tso.v1.LogsRequest.targets: array expected");
                    message.targets = $Array(object.targets.length);
                    for (let i = 0; i < object.targets.length; ++i)
                        message.targets[i] = $String(object.targets[i]);
                }
                if (object.options != null) {
                    if (!$util.isObject(object.options))
                        throw $TypeError(".tso.v1.LogsRequest.options: object expected");
                    message.options = $root.tso.v1.LogsOptions.fromObject(object.options, _depth + 1);
                }
                return message;
            };

            LogsRequest.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.targets = [];
                if (options.defaults) {
                    object.stack = "";
                    object.options = null;
                }
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack"))
                    object.stack = message.stack;
                if (message.targets && message.targets.length) {
                    object.targets = $Array(message.targets.length);
                    for (let j = 0; j < message.targets.length; ++j)
                        object.targets[j] = message.targets[j];
                }
                if (message.options != null && $Object.hasOwnProperty.call(message, "options"))
                    object.options = $root.tso.v1.LogsOptions.toObject(message.options, options, _depth + 1);
                return object;
            };

            LogsRequest.prototype.toJSON = function() {
                return LogsRequest.toObject(this, $protobuf.util.toJSONOptions);
            };

            return LogsRequest;
        })();

        v1.LogsReply = (function() {

            const LogsReply = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            LogsReply.prototype.line = null;
            LogsReply.prototype.warning = null;

            let $oneOfFields;

            $Object.defineProperty(LogsReply.prototype, "reply", {
                get: $util.oneOfGetter($oneOfFields = ["line", "warning"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            LogsReply.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.line != null && $Object.hasOwnProperty.call(message, "line"))
                    $root.tso.v1.LogLine.encode(message.line, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.warning != null && $Object.hasOwnProperty.call(message, "warning"))
                    writer.uint32(18).string(message.warning);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            LogsReply.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.LogsReply();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.line = $root.tso.v1.LogLine.decode(reader, reader.size(), $undefined, _depth + 1, message.line);
                            message.reply = "line";
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.warning = reader.stringVerify();
                            message.reply = "warning";
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            LogsReply.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.LogsReply)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.LogsReply: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.LogsReply();
                if (object.line != null) {
                    if (!$util.isObject(object.line))
                        throw $TypeError(".tso.v1.LogsReply.line: object expected");
                    message.line = $root.tso.v1.LogLine.fromObject(object.line, _depth + 1);
                }
                if (object.warning != null)
                    message.warning = $String(object.warning);
                return message;
            };

            LogsReply.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (message.line != null && $Object.hasOwnProperty.call(message, "line")) {
                    object.line = $root.tso.v1.LogLine.toObject(message.line, options, _depth + 1);
                    if (options.oneofs)
                        object.reply = "line";
                }
                if (message.warning != null && $Object.hasOwnProperty.call(message, "warning")) {
                    object.warning = message.warning;
                    if (options.oneofs)
                        object.reply = "warning";
                }
                return object;
            };

            LogsReply.prototype.toJSON = function() {
                return LogsReply.toObject(this, $protobuf.util.toJSONOptions);
            };

            return LogsReply;
        })();

        v1.ExecStart = (function() {

            const ExecStart = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ExecStart.prototype.stack = "";
            ExecStart.prototype.target = "";
            ExecStart.prototype.index = 0;
            ExecStart.prototype.options = null;

            ExecStart.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack") && message.stack !== "")
                    writer.uint32(10).string(message.stack);
                if (message.target != null && $Object.hasOwnProperty.call(message, "target") && message.target !== "")
                    writer.uint32(18).string(message.target);
                if (message.index != null && $Object.hasOwnProperty.call(message, "index") && message.index !== 0)
                    writer.uint32(24).uint32(message.index);
                if (message.options != null && $Object.hasOwnProperty.call(message, "options"))
                    $root.tso.v1.ExecOptions.encode(message.options, writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ExecStart.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ExecStart();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.stack = value;
                            else
                                delete message.stack;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.target = value;
                            else
                                delete message.target;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.index = value;
                            else
                                delete message.index;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.options = $root.tso.v1.ExecOptions.decode(reader, reader.size(), $undefined, _depth + 1, message.options);
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ExecStart.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ExecStart)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ExecStart: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ExecStart();
                if (object.stack != null)
                    if (typeof object.stack !== "string" || object.stack.length)
                        message.stack = $String(object.stack);
                if (object.target != null)
                    if (typeof object.target !== "string" || object.target.length)
                        message.target = $String(object.target);
                if (object.index != null)
                    if ($Number(object.index) !== 0)
                        message.index = object.index >>> 0;
                if (object.options != null) {
                    if (!$util.isObject(object.options))
                        throw $TypeError(".tso.v1.ExecStart.options: object expected");
                    message.options = $root.tso.v1.ExecOptions.fromObject(object.options, _depth + 1);
                }
                return message;
            };

            ExecStart.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.stack = "";
                    object.target = "";
                    object.index = 0;
                    object.options = null;
                }
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack"))
                    object.stack = message.stack;
                if (message.target != null && $Object.hasOwnProperty.call(message, "target"))
                    object.target = message.target;
                if (message.index != null && $Object.hasOwnProperty.call(message, "index"))
                    object.index = message.index;
                if (message.options != null && $Object.hasOwnProperty.call(message, "options"))
                    object.options = $root.tso.v1.ExecOptions.toObject(message.options, options, _depth + 1);
                return object;
            };

            ExecStart.prototype.toJSON = function() {
                return ExecStart.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ExecStart;
        })();

        v1.ExecRequest = (function() {

            const ExecRequest = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ExecRequest.prototype.start = null;
            ExecRequest.prototype.frame = null;

            let $oneOfFields;

            $Object.defineProperty(ExecRequest.prototype, "request", {
                get: $util.oneOfGetter($oneOfFields = ["start", "frame"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            ExecRequest.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.start != null && $Object.hasOwnProperty.call(message, "start"))
                    $root.tso.v1.ExecStart.encode(message.start, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.frame != null && $Object.hasOwnProperty.call(message, "frame"))
                    $root.tso.v1.RelayFrame.encode(message.frame, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ExecRequest.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ExecRequest();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.start = $root.tso.v1.ExecStart.decode(reader, reader.size(), $undefined, _depth + 1, message.start);
                            message.request = "start";
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.frame = $root.tso.v1.RelayFrame.decode(reader, reader.size(), $undefined, _depth + 1, message.frame);
                            message.request = "frame";
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ExecRequest.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ExecRequest)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ExecRequest: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ExecRequest();
                if (object.start != null) {
                    if (!$util.isObject(object.start))
                        throw $TypeError(".tso.v1.ExecRequest.start: object expected");
                    message.start = $root.tso.v1.ExecStart.fromObject(object.start, _depth + 1);
                }
                if (object.frame != null) {
                    if (!$util.isObject(object.frame))
                        throw $TypeError(".tso.v1.ExecRequest.frame: object expected");
                    message.frame = $root.tso.v1.RelayFrame.fromObject(object.frame, _depth + 1);
                }
                return message;
            };

            ExecRequest.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (message.start != null && $Object.hasOwnProperty.call(message, "start")) {
                    object.start = $root.tso.v1.ExecStart.toObject(message.start, options, _depth + 1);
                    if (options.oneofs)
                        object.request = "start";
                }
                if (message.frame != null && $Object.hasOwnProperty.call(message, "frame")) {
                    object.frame = $root.tso.v1.RelayFrame.toObject(message.frame, options, _depth + 1);
                    if (options.oneofs)
                        object.request = "frame";
                }
                return object;
            };

            ExecRequest.prototype.toJSON = function() {
                return ExecRequest.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ExecRequest;
        })();

        v1.TaskState = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "NEW"] = 0;
            values[valuesById[64] = "ALLOCATED"] = 64;
            values[valuesById[192] = "ASSIGNED"] = 192;
            values[valuesById[320] = "PREPARING"] = 320;
            values[valuesById[384] = "READY"] = 384;
            values[valuesById[448] = "STARTING"] = 448;
            values[valuesById[512] = "RUNNING"] = 512;
            values[valuesById[576] = "COMPLETE"] = 576;
            values[valuesById[640] = "SHUTDOWN"] = 640;
            values[valuesById[704] = "FAILED"] = 704;
            values[valuesById[768] = "REJECTED"] = 768;
            values[valuesById[800] = "REMOVE"] = 800;
            values[valuesById[832] = "ORPHANED"] = 832;
            return values;
        })();

        v1.HealthState = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "HEALTH_NONE"] = 0;
            values[valuesById[1] = "HEALTH_STARTING"] = 1;
            values[valuesById[2] = "HEALTHY"] = 2;
            values[valuesById[3] = "UNHEALTHY"] = 3;
            return values;
        })();

        v1.NodeState = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "NODE_UNKNOWN"] = 0;
            values[valuesById[1] = "NODE_READY"] = 1;
            values[valuesById[2] = "NODE_DOWN"] = 2;
            values[valuesById[3] = "NODE_DISCONNECTED"] = 3;
            return values;
        })();

        v1.NodeRole = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "WORKER"] = 0;
            values[valuesById[1] = "MANAGER"] = 1;
            return values;
        })();

        v1.NodeAvailability = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "ACTIVE"] = 0;
            values[valuesById[1] = "PAUSE"] = 1;
            values[valuesById[2] = "DRAIN"] = 2;
            return values;
        })();

        v1.ServiceMode = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "REPLICATED"] = 0;
            values[valuesById[1] = "GLOBAL"] = 1;
            return values;
        })();

        v1.RestartCondition = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "RESTART_ANY"] = 0;
            values[valuesById[1] = "RESTART_ON_FAILURE"] = 1;
            values[valuesById[2] = "RESTART_NONE"] = 2;
            return values;
        })();

        v1.UpdateOrder = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "STOP_FIRST"] = 0;
            values[valuesById[1] = "START_FIRST"] = 1;
            return values;
        })();

        v1.UpdateFailureAction = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "FAILURE_PAUSE"] = 0;
            values[valuesById[1] = "FAILURE_CONTINUE"] = 1;
            values[valuesById[2] = "FAILURE_ROLLBACK"] = 2;
            return values;
        })();

        v1.UpdateState = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "UPDATE_NONE"] = 0;
            values[valuesById[1] = "UPDATING"] = 1;
            values[valuesById[2] = "UPDATE_PAUSED"] = 2;
            values[valuesById[3] = "UPDATE_COMPLETED"] = 3;
            values[valuesById[4] = "ROLLBACK_STARTED"] = 4;
            values[valuesById[5] = "ROLLBACK_PAUSED"] = 5;
            values[valuesById[6] = "ROLLBACK_COMPLETED"] = 6;
            return values;
        })();

        v1.MountType = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "BIND"] = 0;
            values[valuesById[1] = "VOLUME"] = 1;
            values[valuesById[2] = "TMPFS"] = 2;
            return values;
        })();

        v1.PortProtocol = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "TCP"] = 0;
            values[valuesById[1] = "UDP"] = 1;
            values[valuesById[2] = "SCTP"] = 2;
            return values;
        })();

        v1.PublishMode = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "INGRESS"] = 0;
            values[valuesById[1] = "HOST"] = 1;
            return values;
        })();

        v1.EndpointMode = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "VIP"] = 0;
            values[valuesById[1] = "DNSRR"] = 1;
            return values;
        })();

        v1.LogStream = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "STDOUT"] = 0;
            values[valuesById[1] = "STDERR"] = 1;
            return values;
        })();

        v1.PullPolicy = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "PULL_MISSING"] = 0;
            values[valuesById[1] = "PULL_ALWAYS"] = 1;
            values[valuesById[2] = "PULL_NEVER"] = 2;
            return values;
        })();

        v1.StringList = (function() {

            const StringList = function (properties) {
                this.values = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            StringList.prototype.values = $util.emptyArray;

            StringList.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.values != null && message.values.length)
                    for (let i = 0; i < message.values.length; ++i)
                        writer.uint32(10).string(message.values[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            StringList.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.StringList();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if (!(message.values && message.values.length))
                                message.values = [];
                            message.values.push(reader.stringVerify());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            StringList.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.StringList)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.StringList: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.StringList();
                if (object.values) {
                    if (!$Array.isArray(object.values))
                        throw $TypeError(".tso.v1.StringList.values: array expected");
                    message.values = $Array(object.values.length);
                    for (let i = 0; i < object.values.length; ++i)
                        message.values[i] = $String(object.values[i]);
                }
                return message;
            };

            StringList.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.values = [];
                if (message.values && message.values.length) {
                    object.values = $Array(message.values.length);
                    for (let j = 0; j < message.values.length; ++j)
                        object.values[j] = message.values[j];
                }
                return object;
            };

            StringList.prototype.toJSON = function() {
                return StringList.toObject(this, $protobuf.util.toJSONOptions);
            };

            return StringList;
        })();

        v1.Meta = (function() {

            const Meta = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Meta.prototype.version = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            Meta.prototype.createdAtMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            Meta.prototype.updatedAtMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

            Meta.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && (typeof message.version === "object" ? message.version.low || message.version.high : message.version !== 0))
                    writer.uint32(8).uint64(message.version);
                if (message.createdAtMs != null && $Object.hasOwnProperty.call(message, "createdAtMs") && (typeof message.createdAtMs === "object" ? message.createdAtMs.low || message.createdAtMs.high : message.createdAtMs !== 0))
                    writer.uint32(16).int64(message.createdAtMs);
                if (message.updatedAtMs != null && $Object.hasOwnProperty.call(message, "updatedAtMs") && (typeof message.updatedAtMs === "object" ? message.updatedAtMs.low || message.updatedAtMs.high : message.updatedAtMs !== 0))
                    writer.uint32(24).int64(message.updatedAtMs);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Meta.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.Meta();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.createdAtMs = value;
                            else
                                delete message.createdAtMs;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.updatedAtMs = value;
                            else
                                delete message.updatedAtMs;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            Meta.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.Meta)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.Meta: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.Meta();
                if (object.version != null)
                    if (typeof object.version === "object" ? object.version.low || object.version.high : $Number(object.version) !== 0)
                        if ($util.Long)
                            message.version = $util.Long.fromValue(object.version, true);
                        else if (typeof object.version === "string")
                            message.version = $parseInt(object.version, 10);
                        else if (typeof object.version === "number")
                            message.version = object.version;
                        else if (typeof object.version === "object")
                            message.version = new $util.LongBits(object.version.low >>> 0, object.version.high >>> 0).toNumber(true);
                if (object.createdAtMs != null)
                    if (typeof object.createdAtMs === "object" ? object.createdAtMs.low || object.createdAtMs.high : $Number(object.createdAtMs) !== 0)
                        if ($util.Long)
                            message.createdAtMs = $util.Long.fromValue(object.createdAtMs, false);
                        else if (typeof object.createdAtMs === "string")
                            message.createdAtMs = $parseInt(object.createdAtMs, 10);
                        else if (typeof object.createdAtMs === "number")
                            message.createdAtMs = object.createdAtMs;
                        else if (typeof object.createdAtMs === "object")
                            message.createdAtMs = new $util.LongBits(object.createdAtMs.low >>> 0, object.createdAtMs.high >>> 0).toNumber();
                if (object.updatedAtMs != null)
                    if (typeof object.updatedAtMs === "object" ? object.updatedAtMs.low || object.updatedAtMs.high : $Number(object.updatedAtMs) !== 0)
                        if ($util.Long)
                            message.updatedAtMs = $util.Long.fromValue(object.updatedAtMs, false);
                        else if (typeof object.updatedAtMs === "string")
                            message.updatedAtMs = $parseInt(object.updatedAtMs, 10);
                        else if (typeof object.updatedAtMs === "number")
                            message.updatedAtMs = object.updatedAtMs;
                        else if (typeof object.updatedAtMs === "object")
                            message.updatedAtMs = new $util.LongBits(object.updatedAtMs.low >>> 0, object.updatedAtMs.high >>> 0).toNumber();
                return message;
            };

            Meta.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.version = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.version = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.createdAtMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.createdAtMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.updatedAtMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.updatedAtMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                }
                if (message.version != null && $Object.hasOwnProperty.call(message, "version"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.version = typeof message.version === "number" ? $BigInt(message.version) : $util.Long.fromBits(message.version.low >>> 0, message.version.high >>> 0, true).toBigInt();
                    else if (typeof message.version === "number")
                        object.version = options.longs === $String ? $String(message.version) : message.version;
                    else
                        object.version = options.longs === $String ? $util.Long.prototype.toString.call(message.version) : options.longs === $Number ? new $util.LongBits(message.version.low >>> 0, message.version.high >>> 0).toNumber(true) : message.version;
                if (message.createdAtMs != null && $Object.hasOwnProperty.call(message, "createdAtMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.createdAtMs = typeof message.createdAtMs === "number" ? $BigInt(message.createdAtMs) : $util.Long.fromBits(message.createdAtMs.low >>> 0, message.createdAtMs.high >>> 0, false).toBigInt();
                    else if (typeof message.createdAtMs === "number")
                        object.createdAtMs = options.longs === $String ? $String(message.createdAtMs) : message.createdAtMs;
                    else
                        object.createdAtMs = options.longs === $String ? $util.Long.prototype.toString.call(message.createdAtMs) : options.longs === $Number ? new $util.LongBits(message.createdAtMs.low >>> 0, message.createdAtMs.high >>> 0).toNumber() : message.createdAtMs;
                if (message.updatedAtMs != null && $Object.hasOwnProperty.call(message, "updatedAtMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.updatedAtMs = typeof message.updatedAtMs === "number" ? $BigInt(message.updatedAtMs) : $util.Long.fromBits(message.updatedAtMs.low >>> 0, message.updatedAtMs.high >>> 0, false).toBigInt();
                    else if (typeof message.updatedAtMs === "number")
                        object.updatedAtMs = options.longs === $String ? $String(message.updatedAtMs) : message.updatedAtMs;
                    else
                        object.updatedAtMs = options.longs === $String ? $util.Long.prototype.toString.call(message.updatedAtMs) : options.longs === $Number ? new $util.LongBits(message.updatedAtMs.low >>> 0, message.updatedAtMs.high >>> 0).toNumber() : message.updatedAtMs;
                return object;
            };

            Meta.prototype.toJSON = function() {
                return Meta.toObject(this, $protobuf.util.toJSONOptions);
            };

            return Meta;
        })();

        v1.Resources = (function() {

            const Resources = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Resources.prototype.nanoCpus = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            Resources.prototype.memoryBytes = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            Resources.prototype.pids = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

            Resources.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.nanoCpus != null && $Object.hasOwnProperty.call(message, "nanoCpus") && (typeof message.nanoCpus === "object" ? message.nanoCpus.low || message.nanoCpus.high : message.nanoCpus !== 0))
                    writer.uint32(8).int64(message.nanoCpus);
                if (message.memoryBytes != null && $Object.hasOwnProperty.call(message, "memoryBytes") && (typeof message.memoryBytes === "object" ? message.memoryBytes.low || message.memoryBytes.high : message.memoryBytes !== 0))
                    writer.uint32(16).int64(message.memoryBytes);
                if (message.pids != null && $Object.hasOwnProperty.call(message, "pids") && (typeof message.pids === "object" ? message.pids.low || message.pids.high : message.pids !== 0))
                    writer.uint32(24).int64(message.pids);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Resources.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.Resources();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.nanoCpus = value;
                            else
                                delete message.nanoCpus;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.memoryBytes = value;
                            else
                                delete message.memoryBytes;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.pids = value;
                            else
                                delete message.pids;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            Resources.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.Resources)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.Resources: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.Resources();
                if (object.nanoCpus != null)
                    if (typeof object.nanoCpus === "object" ? object.nanoCpus.low || object.nanoCpus.high : $Number(object.nanoCpus) !== 0)
                        if ($util.Long)
                            message.nanoCpus = $util.Long.fromValue(object.nanoCpus, false);
                        else if (typeof object.nanoCpus === "string")
                            message.nanoCpus = $parseInt(object.nanoCpus, 10);
                        else if (typeof object.nanoCpus === "number")
                            message.nanoCpus = object.nanoCpus;
                        else if (typeof object.nanoCpus === "object")
                            message.nanoCpus = new $util.LongBits(object.nanoCpus.low >>> 0, object.nanoCpus.high >>> 0).toNumber();
                if (object.memoryBytes != null)
                    if (typeof object.memoryBytes === "object" ? object.memoryBytes.low || object.memoryBytes.high : $Number(object.memoryBytes) !== 0)
                        if ($util.Long)
                            message.memoryBytes = $util.Long.fromValue(object.memoryBytes, false);
                        else if (typeof object.memoryBytes === "string")
                            message.memoryBytes = $parseInt(object.memoryBytes, 10);
                        else if (typeof object.memoryBytes === "number")
                            message.memoryBytes = object.memoryBytes;
                        else if (typeof object.memoryBytes === "object")
                            message.memoryBytes = new $util.LongBits(object.memoryBytes.low >>> 0, object.memoryBytes.high >>> 0).toNumber();
                if (object.pids != null)
                    if (typeof object.pids === "object" ? object.pids.low || object.pids.high : $Number(object.pids) !== 0)
                        if ($util.Long)
                            message.pids = $util.Long.fromValue(object.pids, false);
                        else if (typeof object.pids === "string")
                            message.pids = $parseInt(object.pids, 10);
                        else if (typeof object.pids === "number")
                            message.pids = object.pids;
                        else if (typeof object.pids === "object")
                            message.pids = new $util.LongBits(object.pids.low >>> 0, object.pids.high >>> 0).toNumber();
                return message;
            };

            Resources.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.nanoCpus = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.nanoCpus = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.memoryBytes = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.memoryBytes = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.pids = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.pids = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                }
                if (message.nanoCpus != null && $Object.hasOwnProperty.call(message, "nanoCpus"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.nanoCpus = typeof message.nanoCpus === "number" ? $BigInt(message.nanoCpus) : $util.Long.fromBits(message.nanoCpus.low >>> 0, message.nanoCpus.high >>> 0, false).toBigInt();
                    else if (typeof message.nanoCpus === "number")
                        object.nanoCpus = options.longs === $String ? $String(message.nanoCpus) : message.nanoCpus;
                    else
                        object.nanoCpus = options.longs === $String ? $util.Long.prototype.toString.call(message.nanoCpus) : options.longs === $Number ? new $util.LongBits(message.nanoCpus.low >>> 0, message.nanoCpus.high >>> 0).toNumber() : message.nanoCpus;
                if (message.memoryBytes != null && $Object.hasOwnProperty.call(message, "memoryBytes"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.memoryBytes = typeof message.memoryBytes === "number" ? $BigInt(message.memoryBytes) : $util.Long.fromBits(message.memoryBytes.low >>> 0, message.memoryBytes.high >>> 0, false).toBigInt();
                    else if (typeof message.memoryBytes === "number")
                        object.memoryBytes = options.longs === $String ? $String(message.memoryBytes) : message.memoryBytes;
                    else
                        object.memoryBytes = options.longs === $String ? $util.Long.prototype.toString.call(message.memoryBytes) : options.longs === $Number ? new $util.LongBits(message.memoryBytes.low >>> 0, message.memoryBytes.high >>> 0).toNumber() : message.memoryBytes;
                if (message.pids != null && $Object.hasOwnProperty.call(message, "pids"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.pids = typeof message.pids === "number" ? $BigInt(message.pids) : $util.Long.fromBits(message.pids.low >>> 0, message.pids.high >>> 0, false).toBigInt();
                    else if (typeof message.pids === "number")
                        object.pids = options.longs === $String ? $String(message.pids) : message.pids;
                    else
                        object.pids = options.longs === $String ? $util.Long.prototype.toString.call(message.pids) : options.longs === $Number ? new $util.LongBits(message.pids.low >>> 0, message.pids.high >>> 0).toNumber() : message.pids;
                return object;
            };

            Resources.prototype.toJSON = function() {
                return Resources.toObject(this, $protobuf.util.toJSONOptions);
            };

            return Resources;
        })();

        v1.Platform = (function() {

            const Platform = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Platform.prototype.os = "";
            Platform.prototype.architecture = "";
            Platform.prototype.variant = "";

            Platform.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.os != null && $Object.hasOwnProperty.call(message, "os") && message.os !== "")
                    writer.uint32(10).string(message.os);
                if (message.architecture != null && $Object.hasOwnProperty.call(message, "architecture") && message.architecture !== "")
                    writer.uint32(18).string(message.architecture);
                if (message.variant != null && $Object.hasOwnProperty.call(message, "variant") && message.variant !== "")
                    writer.uint32(26).string(message.variant);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Platform.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.Platform();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.os = value;
                            else
                                delete message.os;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.architecture = value;
                            else
                                delete message.architecture;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.variant = value;
                            else
                                delete message.variant;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            Platform.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.Platform)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.Platform: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.Platform();
                if (object.os != null)
                    if (typeof object.os !== "string" || object.os.length)
                        message.os = $String(object.os);
                if (object.architecture != null)
                    if (typeof object.architecture !== "string" || object.architecture.length)
                        message.architecture = $String(object.architecture);
                if (object.variant != null)
                    if (typeof object.variant !== "string" || object.variant.length)
                        message.variant = $String(object.variant);
                return message;
            };

            Platform.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.os = "";
                    object.architecture = "";
                    object.variant = "";
                }
                if (message.os != null && $Object.hasOwnProperty.call(message, "os"))
                    object.os = message.os;
                if (message.architecture != null && $Object.hasOwnProperty.call(message, "architecture"))
                    object.architecture = message.architecture;
                if (message.variant != null && $Object.hasOwnProperty.call(message, "variant"))
                    object.variant = message.variant;
                return object;
            };

            Platform.prototype.toJSON = function() {
                return Platform.toObject(this, $protobuf.util.toJSONOptions);
            };

            return Platform;
        })();

        v1.PortConfig = (function() {

            const PortConfig = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            PortConfig.prototype.target = 0;
            PortConfig.prototype.published = 0;
            PortConfig.prototype.protocol = 0;
            PortConfig.prototype.mode = 0;
            PortConfig.prototype.hostIp = "";

            PortConfig.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.target != null && $Object.hasOwnProperty.call(message, "target") && message.target !== 0)
                    writer.uint32(8).uint32(message.target);
                if (message.published != null && $Object.hasOwnProperty.call(message, "published") && message.published !== 0)
                    writer.uint32(16).uint32(message.published);
                if (message.protocol != null && $Object.hasOwnProperty.call(message, "protocol") && message.protocol !== 0)
                    writer.uint32(24).int32(message.protocol);
                if (message.mode != null && $Object.hasOwnProperty.call(message, "mode") && message.mode !== 0)
                    writer.uint32(32).int32(message.mode);
                if (message.hostIp != null && $Object.hasOwnProperty.call(message, "hostIp") && message.hostIp !== "")
                    writer.uint32(42).string(message.hostIp);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            PortConfig.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.PortConfig();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.target = value;
                            else
                                delete message.target;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.published = value;
                            else
                                delete message.published;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.protocol = value;
                            else
                                delete message.protocol;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.mode = value;
                            else
                                delete message.mode;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.hostIp = value;
                            else
                                delete message.hostIp;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            PortConfig.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.PortConfig)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.PortConfig: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.PortConfig();
                if (object.target != null)
                    if ($Number(object.target) !== 0)
                        message.target = object.target >>> 0;
                if (object.published != null)
                    if ($Number(object.published) !== 0)
                        message.published = object.published >>> 0;
                if (object.protocol !== 0 && (typeof object.protocol !== "string" || $root.tso.v1.PortProtocol[object.protocol] !== 0))
                    switch (object.protocol) {
                    case "TCP":
                    case 0:
                        message.protocol = 0;
                        break;
                    case "UDP":
                    case 1:
                        message.protocol = 1;
                        break;
                    case "SCTP":
                    case 2:
                        message.protocol = 2;
                        break;
                    default:
                        if (typeof object.protocol === "number" && (object.protocol | 0) === object.protocol)
                            message.protocol = object.protocol;
                    }
                if (object.mode !== 0 && (typeof object.mode !== "string" || $root.tso.v1.PublishMode[object.mode] !== 0))
                    switch (object.mode) {
                    case "INGRESS":
                    case 0:
                        message.mode = 0;
                        break;
                    case "HOST":
                    case 1:
                        message.mode = 1;
                        break;
                    default:
                        if (typeof object.mode === "number" && (object.mode | 0) === object.mode)
                            message.mode = object.mode;
                    }
                if (object.hostIp != null)
                    if (typeof object.hostIp !== "string" || object.hostIp.length)
                        message.hostIp = $String(object.hostIp);
                return message;
            };

            PortConfig.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.target = 0;
                    object.published = 0;
                    object.protocol = options.enums === $String ? "TCP" : 0;
                    object.mode = options.enums === $String ? "INGRESS" : 0;
                    object.hostIp = "";
                }
                if (message.target != null && $Object.hasOwnProperty.call(message, "target"))
                    object.target = message.target;
                if (message.published != null && $Object.hasOwnProperty.call(message, "published"))
                    object.published = message.published;
                if (message.protocol != null && $Object.hasOwnProperty.call(message, "protocol"))
                    object.protocol = options.enums === $String ? $root.tso.v1.PortProtocol[message.protocol] === $undefined ? message.protocol : $root.tso.v1.PortProtocol[message.protocol] : message.protocol;
                if (message.mode != null && $Object.hasOwnProperty.call(message, "mode"))
                    object.mode = options.enums === $String ? $root.tso.v1.PublishMode[message.mode] === $undefined ? message.mode : $root.tso.v1.PublishMode[message.mode] : message.mode;
                if (message.hostIp != null && $Object.hasOwnProperty.call(message, "hostIp"))
                    object.hostIp = message.hostIp;
                return object;
            };

            PortConfig.prototype.toJSON = function() {
                return PortConfig.toObject(this, $protobuf.util.toJSONOptions);
            };

            return PortConfig;
        })();

        v1.Ulimit = (function() {

            const Ulimit = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Ulimit.prototype.name = "";
            Ulimit.prototype.soft = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            Ulimit.prototype.hard = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

            Ulimit.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(10).string(message.name);
                if (message.soft != null && $Object.hasOwnProperty.call(message, "soft") && (typeof message.soft === "object" ? message.soft.low || message.soft.high : message.soft !== 0))
                    writer.uint32(16).int64(message.soft);
                if (message.hard != null && $Object.hasOwnProperty.call(message, "hard") && (typeof message.hard === "object" ? message.hard.low || message.hard.high : message.hard !== 0))
                    writer.uint32(24).int64(message.hard);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Ulimit.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.Ulimit();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.soft = value;
                            else
                                delete message.soft;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.hard = value;
                            else
                                delete message.hard;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            Ulimit.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.Ulimit)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.Ulimit: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.Ulimit();
                if (object.name != null)
                    if (typeof object.name !== "string" || object.name.length)
                        message.name = $String(object.name);
                if (object.soft != null)
                    if (typeof object.soft === "object" ? object.soft.low || object.soft.high : $Number(object.soft) !== 0)
                        if ($util.Long)
                            message.soft = $util.Long.fromValue(object.soft, false);
                        else if (typeof object.soft === "string")
                            message.soft = $parseInt(object.soft, 10);
                        else if (typeof object.soft === "number")
                            message.soft = object.soft;
                        else if (typeof object.soft === "object")
                            message.soft = new $util.LongBits(object.soft.low >>> 0, object.soft.high >>> 0).toNumber();
                if (object.hard != null)
                    if (typeof object.hard === "object" ? object.hard.low || object.hard.high : $Number(object.hard) !== 0)
                        if ($util.Long)
                            message.hard = $util.Long.fromValue(object.hard, false);
                        else if (typeof object.hard === "string")
                            message.hard = $parseInt(object.hard, 10);
                        else if (typeof object.hard === "number")
                            message.hard = object.hard;
                        else if (typeof object.hard === "object")
                            message.hard = new $util.LongBits(object.hard.low >>> 0, object.hard.high >>> 0).toNumber();
                return message;
            };

            Ulimit.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.name = "";
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.soft = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.soft = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.hard = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.hard = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                }
                if (message.name != null && $Object.hasOwnProperty.call(message, "name"))
                    object.name = message.name;
                if (message.soft != null && $Object.hasOwnProperty.call(message, "soft"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.soft = typeof message.soft === "number" ? $BigInt(message.soft) : $util.Long.fromBits(message.soft.low >>> 0, message.soft.high >>> 0, false).toBigInt();
                    else if (typeof message.soft === "number")
                        object.soft = options.longs === $String ? $String(message.soft) : message.soft;
                    else
                        object.soft = options.longs === $String ? $util.Long.prototype.toString.call(message.soft) : options.longs === $Number ? new $util.LongBits(message.soft.low >>> 0, message.soft.high >>> 0).toNumber() : message.soft;
                if (message.hard != null && $Object.hasOwnProperty.call(message, "hard"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.hard = typeof message.hard === "number" ? $BigInt(message.hard) : $util.Long.fromBits(message.hard.low >>> 0, message.hard.high >>> 0, false).toBigInt();
                    else if (typeof message.hard === "number")
                        object.hard = options.longs === $String ? $String(message.hard) : message.hard;
                    else
                        object.hard = options.longs === $String ? $util.Long.prototype.toString.call(message.hard) : options.longs === $Number ? new $util.LongBits(message.hard.low >>> 0, message.hard.high >>> 0).toNumber() : message.hard;
                return object;
            };

            Ulimit.prototype.toJSON = function() {
                return Ulimit.toObject(this, $protobuf.util.toJSONOptions);
            };

            return Ulimit;
        })();

        v1.Device = (function() {

            const Device = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Device.prototype.source = "";
            Device.prototype.target = "";
            Device.prototype.permissions = "";

            Device.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.source != null && $Object.hasOwnProperty.call(message, "source") && message.source !== "")
                    writer.uint32(10).string(message.source);
                if (message.target != null && $Object.hasOwnProperty.call(message, "target") && message.target !== "")
                    writer.uint32(18).string(message.target);
                if (message.permissions != null && $Object.hasOwnProperty.call(message, "permissions") && message.permissions !== "")
                    writer.uint32(26).string(message.permissions);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Device.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.Device();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.source = value;
                            else
                                delete message.source;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.target = value;
                            else
                                delete message.target;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.permissions = value;
                            else
                                delete message.permissions;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            Device.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.Device)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.Device: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.Device();
                if (object.source != null)
                    if (typeof object.source !== "string" || object.source.length)
                        message.source = $String(object.source);
                if (object.target != null)
                    if (typeof object.target !== "string" || object.target.length)
                        message.target = $String(object.target);
                if (object.permissions != null)
                    if (typeof object.permissions !== "string" || object.permissions.length)
                        message.permissions = $String(object.permissions);
                return message;
            };

            Device.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.source = "";
                    object.target = "";
                    object.permissions = "";
                }
                if (message.source != null && $Object.hasOwnProperty.call(message, "source"))
                    object.source = message.source;
                if (message.target != null && $Object.hasOwnProperty.call(message, "target"))
                    object.target = message.target;
                if (message.permissions != null && $Object.hasOwnProperty.call(message, "permissions"))
                    object.permissions = message.permissions;
                return object;
            };

            Device.prototype.toJSON = function() {
                return Device.toObject(this, $protobuf.util.toJSONOptions);
            };

            return Device;
        })();

        v1.Mount = (function() {

            const Mount = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Mount.prototype.type = 0;
            Mount.prototype.source = "";
            Mount.prototype.target = "";
            Mount.prototype.readOnly = false;
            Mount.prototype.createHostPath = false;
            Mount.prototype.propagation = "";
            Mount.prototype.noCopy = false;
            Mount.prototype.tmpfsSizeBytes = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            Mount.prototype.tmpfsMode = 0;
            Mount.prototype.subpath = "";
            Mount.prototype.recursiveDisabled = false;

            Mount.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.type != null && $Object.hasOwnProperty.call(message, "type") && message.type !== 0)
                    writer.uint32(8).int32(message.type);
                if (message.source != null && $Object.hasOwnProperty.call(message, "source") && message.source !== "")
                    writer.uint32(18).string(message.source);
                if (message.target != null && $Object.hasOwnProperty.call(message, "target") && message.target !== "")
                    writer.uint32(26).string(message.target);
                if (message.readOnly != null && $Object.hasOwnProperty.call(message, "readOnly") && message.readOnly !== false)
                    writer.uint32(32).bool(message.readOnly);
                if (message.createHostPath != null && $Object.hasOwnProperty.call(message, "createHostPath") && message.createHostPath !== false)
                    writer.uint32(40).bool(message.createHostPath);
                if (message.propagation != null && $Object.hasOwnProperty.call(message, "propagation") && message.propagation !== "")
                    writer.uint32(50).string(message.propagation);
                if (message.noCopy != null && $Object.hasOwnProperty.call(message, "noCopy") && message.noCopy !== false)
                    writer.uint32(56).bool(message.noCopy);
                if (message.tmpfsSizeBytes != null && $Object.hasOwnProperty.call(message, "tmpfsSizeBytes") && (typeof message.tmpfsSizeBytes === "object" ? message.tmpfsSizeBytes.low || message.tmpfsSizeBytes.high : message.tmpfsSizeBytes !== 0))
                    writer.uint32(64).int64(message.tmpfsSizeBytes);
                if (message.tmpfsMode != null && $Object.hasOwnProperty.call(message, "tmpfsMode") && message.tmpfsMode !== 0)
                    writer.uint32(72).uint32(message.tmpfsMode);
                if (message.subpath != null && $Object.hasOwnProperty.call(message, "subpath") && message.subpath !== "")
                    writer.uint32(82).string(message.subpath);
                if (message.recursiveDisabled != null && $Object.hasOwnProperty.call(message, "recursiveDisabled") && message.recursiveDisabled !== false)
                    writer.uint32(88).bool(message.recursiveDisabled);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Mount.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.Mount();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.type = value;
                            else
                                delete message.type;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.source = value;
                            else
                                delete message.source;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.target = value;
                            else
                                delete message.target;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.readOnly = value;
                            else
                                delete message.readOnly;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.createHostPath = value;
                            else
                                delete message.createHostPath;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.propagation = value;
                            else
                                delete message.propagation;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.noCopy = value;
                            else
                                delete message.noCopy;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.tmpfsSizeBytes = value;
                            else
                                delete message.tmpfsSizeBytes;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.tmpfsMode = value;
                            else
                                delete message.tmpfsMode;
                            continue;
                        }
                    case 10: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.subpath = value;
                            else
                                delete message.subpath;
                            continue;
                        }
                    case 11: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.recursiveDisabled = value;
                            else
                                delete message.recursiveDisabled;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            Mount.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.Mount)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.Mount: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.Mount();
                if (object.type !== 0 && (typeof object.type !== "string" || $root.tso.v1.MountType[object.type] !== 0))
                    switch (object.type) {
                    case "BIND":
                    case 0:
                        message.type = 0;
                        break;
                    case "VOLUME":
                    case 1:
                        message.type = 1;
                        break;
                    case "TMPFS":
                    case 2:
                        message.type = 2;
                        break;
                    default:
                        if (typeof object.type === "number" && (object.type | 0) === object.type)
                            message.type = object.type;
                    }
                if (object.source != null)
                    if (typeof object.source !== "string" || object.source.length)
                        message.source = $String(object.source);
                if (object.target != null)
                    if (typeof object.target !== "string" || object.target.length)
                        message.target = $String(object.target);
                if (object.readOnly != null)
                    if (object.readOnly)
                        message.readOnly = $Boolean(object.readOnly);
                if (object.createHostPath != null)
                    if (object.createHostPath)
                        message.createHostPath = $Boolean(object.createHostPath);
                if (object.propagation != null)
                    if (typeof object.propagation !== "string" || object.propagation.length)
                        message.propagation = $String(object.propagation);
                if (object.noCopy != null)
                    if (object.noCopy)
                        message.noCopy = $Boolean(object.noCopy);
                if (object.tmpfsSizeBytes != null)
                    if (typeof object.tmpfsSizeBytes === "object" ? object.tmpfsSizeBytes.low || object.tmpfsSizeBytes.high : $Number(object.tmpfsSizeBytes) !== 0)
                        if ($util.Long)
                            message.tmpfsSizeBytes = $util.Long.fromValue(object.tmpfsSizeBytes, false);
                        else if (typeof object.tmpfsSizeBytes === "string")
                            message.tmpfsSizeBytes = $parseInt(object.tmpfsSizeBytes, 10);
                        else if (typeof object.tmpfsSizeBytes === "number")
                            message.tmpfsSizeBytes = object.tmpfsSizeBytes;
                        else if (typeof object.tmpfsSizeBytes === "object")
                            message.tmpfsSizeBytes = new $util.LongBits(object.tmpfsSizeBytes.low >>> 0, object.tmpfsSizeBytes.high >>> 0).toNumber();
                if (object.tmpfsMode != null)
                    if ($Number(object.tmpfsMode) !== 0)
                        message.tmpfsMode = object.tmpfsMode >>> 0;
                if (object.subpath != null)
                    if (typeof object.subpath !== "string" || object.subpath.length)
                        message.subpath = $String(object.subpath);
                if (object.recursiveDisabled != null)
                    if (object.recursiveDisabled)
                        message.recursiveDisabled = $Boolean(object.recursiveDisabled);
                return message;
            };

            Mount.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.type = options.enums === $String ? "BIND" : 0;
                    object.source = "";
                    object.target = "";
                    object.readOnly = false;
                    object.createHostPath = false;
                    object.propagation = "";
                    object.noCopy = false;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.tmpfsSizeBytes = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.tmpfsSizeBytes = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.tmpfsMode = 0;
                    object.subpath = "";
                    object.recursiveDisabled = false;
                }
                if (message.type != null && $Object.hasOwnProperty.call(message, "type"))
                    object.type = options.enums === $String ? $root.tso.v1.MountType[message.type] === $undefined ? message.type : $root.tso.v1.MountType[message.type] : message.type;
                if (message.source != null && $Object.hasOwnProperty.call(message, "source"))
                    object.source = message.source;
                if (message.target != null && $Object.hasOwnProperty.call(message, "target"))
                    object.target = message.target;
                if (message.readOnly != null && $Object.hasOwnProperty.call(message, "readOnly"))
                    object.readOnly = message.readOnly;
                if (message.createHostPath != null && $Object.hasOwnProperty.call(message, "createHostPath"))
                    object.createHostPath = message.createHostPath;
                if (message.propagation != null && $Object.hasOwnProperty.call(message, "propagation"))
                    object.propagation = message.propagation;
                if (message.noCopy != null && $Object.hasOwnProperty.call(message, "noCopy"))
                    object.noCopy = message.noCopy;
                if (message.tmpfsSizeBytes != null && $Object.hasOwnProperty.call(message, "tmpfsSizeBytes"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.tmpfsSizeBytes = typeof message.tmpfsSizeBytes === "number" ? $BigInt(message.tmpfsSizeBytes) : $util.Long.fromBits(message.tmpfsSizeBytes.low >>> 0, message.tmpfsSizeBytes.high >>> 0, false).toBigInt();
                    else if (typeof message.tmpfsSizeBytes === "number")
                        object.tmpfsSizeBytes = options.longs === $String ? $String(message.tmpfsSizeBytes) : message.tmpfsSizeBytes;
                    else
                        object.tmpfsSizeBytes = options.longs === $String ? $util.Long.prototype.toString.call(message.tmpfsSizeBytes) : options.longs === $Number ? new $util.LongBits(message.tmpfsSizeBytes.low >>> 0, message.tmpfsSizeBytes.high >>> 0).toNumber() : message.tmpfsSizeBytes;
                if (message.tmpfsMode != null && $Object.hasOwnProperty.call(message, "tmpfsMode"))
                    object.tmpfsMode = message.tmpfsMode;
                if (message.subpath != null && $Object.hasOwnProperty.call(message, "subpath"))
                    object.subpath = message.subpath;
                if (message.recursiveDisabled != null && $Object.hasOwnProperty.call(message, "recursiveDisabled"))
                    object.recursiveDisabled = message.recursiveDisabled;
                return object;
            };

            Mount.prototype.toJSON = function() {
                return Mount.toObject(this, $protobuf.util.toJSONOptions);
            };

            return Mount;
        })();

        v1.HealthCheck = (function() {

            const HealthCheck = function (properties) {
                this.test = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            HealthCheck.prototype.test = $util.emptyArray;
            HealthCheck.prototype.intervalMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            HealthCheck.prototype.timeoutMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            HealthCheck.prototype.retries = 0;
            HealthCheck.prototype.startPeriodMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            HealthCheck.prototype.startIntervalMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

            HealthCheck.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.test != null && message.test.length)
                    for (let i = 0; i < message.test.length; ++i)
                        writer.uint32(10).string(message.test[i]);
                if (message.intervalMs != null && $Object.hasOwnProperty.call(message, "intervalMs") && (typeof message.intervalMs === "object" ? message.intervalMs.low || message.intervalMs.high : message.intervalMs !== 0))
                    writer.uint32(16).int64(message.intervalMs);
                if (message.timeoutMs != null && $Object.hasOwnProperty.call(message, "timeoutMs") && (typeof message.timeoutMs === "object" ? message.timeoutMs.low || message.timeoutMs.high : message.timeoutMs !== 0))
                    writer.uint32(24).int64(message.timeoutMs);
                if (message.retries != null && $Object.hasOwnProperty.call(message, "retries") && message.retries !== 0)
                    writer.uint32(32).uint32(message.retries);
                if (message.startPeriodMs != null && $Object.hasOwnProperty.call(message, "startPeriodMs") && (typeof message.startPeriodMs === "object" ? message.startPeriodMs.low || message.startPeriodMs.high : message.startPeriodMs !== 0))
                    writer.uint32(40).int64(message.startPeriodMs);
                if (message.startIntervalMs != null && $Object.hasOwnProperty.call(message, "startIntervalMs") && (typeof message.startIntervalMs === "object" ? message.startIntervalMs.low || message.startIntervalMs.high : message.startIntervalMs !== 0))
                    writer.uint32(48).int64(message.startIntervalMs);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            HealthCheck.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.HealthCheck();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if (!(message.test && message.test.length))
                                message.test = [];
                            message.test.push(reader.stringVerify());
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.intervalMs = value;
                            else
                                delete message.intervalMs;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.timeoutMs = value;
                            else
                                delete message.timeoutMs;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.retries = value;
                            else
                                delete message.retries;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.startPeriodMs = value;
                            else
                                delete message.startPeriodMs;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.startIntervalMs = value;
                            else
                                delete message.startIntervalMs;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            HealthCheck.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.HealthCheck)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.HealthCheck: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.HealthCheck();
                if (object.test) {
                    if (!$Array.isArray(object.test))
                        throw $TypeError(".tso.v1.HealthCheck.test: array expected");
                    message.test = $Array(object.test.length);
                    for (let i = 0; i < object.test.length; ++i)
                        message.test[i] = $String(object.test[i]);
                }
                if (object.intervalMs != null)
                    if (typeof object.intervalMs === "object" ? object.intervalMs.low || object.intervalMs.high : $Number(object.intervalMs) !== 0)
                        if ($util.Long)
                            message.intervalMs = $util.Long.fromValue(object.intervalMs, false);
                        else if (typeof object.intervalMs === "string")
                            message.intervalMs = $parseInt(object.intervalMs, 10);
                        else if (typeof object.intervalMs === "number")
                            message.intervalMs = object.intervalMs;
                        else if (typeof object.intervalMs === "object")
                            message.intervalMs = new $util.LongBits(object.intervalMs.low >>> 0, object.intervalMs.high >>> 0).toNumber();
                if (object.timeoutMs != null)
                    if (typeof object.timeoutMs === "object" ? object.timeoutMs.low || object.timeoutMs.high : $Number(object.timeoutMs) !== 0)
                        if ($util.Long)
                            message.timeoutMs = $util.Long.fromValue(object.timeoutMs, false);
                        else if (typeof object.timeoutMs === "string")
                            message.timeoutMs = $parseInt(object.timeoutMs, 10);
                        else if (typeof object.timeoutMs === "number")
                            message.timeoutMs = object.timeoutMs;
                        else if (typeof object.timeoutMs === "object")
                            message.timeoutMs = new $util.LongBits(object.timeoutMs.low >>> 0, object.timeoutMs.high >>> 0).toNumber();
                if (object.retries != null)
                    if ($Number(object.retries) !== 0)
                        message.retries = object.retries >>> 0;
                if (object.startPeriodMs != null)
                    if (typeof object.startPeriodMs === "object" ? object.startPeriodMs.low || object.startPeriodMs.high : $Number(object.startPeriodMs) !== 0)
                        if ($util.Long)
                            message.startPeriodMs = $util.Long.fromValue(object.startPeriodMs, false);
                        else if (typeof object.startPeriodMs === "string")
                            message.startPeriodMs = $parseInt(object.startPeriodMs, 10);
                        else if (typeof object.startPeriodMs === "number")
                            message.startPeriodMs = object.startPeriodMs;
                        else if (typeof object.startPeriodMs === "object")
                            message.startPeriodMs = new $util.LongBits(object.startPeriodMs.low >>> 0, object.startPeriodMs.high >>> 0).toNumber();
                if (object.startIntervalMs != null)
                    if (typeof object.startIntervalMs === "object" ? object.startIntervalMs.low || object.startIntervalMs.high : $Number(object.startIntervalMs) !== 0)
                        if ($util.Long)
                            message.startIntervalMs = $util.Long.fromValue(object.startIntervalMs, false);
                        else if (typeof object.startIntervalMs === "string")
                            message.startIntervalMs = $parseInt(object.startIntervalMs, 10);
                        else if (typeof object.startIntervalMs === "number")
                            message.startIntervalMs = object.startIntervalMs;
                        else if (typeof object.startIntervalMs === "object")
                            message.startIntervalMs = new $util.LongBits(object.startIntervalMs.low >>> 0, object.startIntervalMs.high >>> 0).toNumber();
                return message;
            };

            HealthCheck.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.test = [];
                if (options.defaults) {
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.intervalMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.intervalMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.timeoutMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.timeoutMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.retries = 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.startPeriodMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.startPeriodMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.startIntervalMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.startIntervalMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                }
                if (message.test && message.test.length) {
                    object.test = $Array(message.test.length);
                    for (let j = 0; j < message.test.length; ++j)
                        object.test[j] = message.test[j];
                }
                if (message.intervalMs != null && $Object.hasOwnProperty.call(message, "intervalMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.intervalMs = typeof message.intervalMs === "number" ? $BigInt(message.intervalMs) : $util.Long.fromBits(message.intervalMs.low >>> 0, message.intervalMs.high >>> 0, false).toBigInt();
                    else if (typeof message.intervalMs === "number")
                        object.intervalMs = options.longs === $String ? $String(message.intervalMs) : message.intervalMs;
                    else
                        object.intervalMs = options.longs === $String ? $util.Long.prototype.toString.call(message.intervalMs) : options.longs === $Number ? new $util.LongBits(message.intervalMs.low >>> 0, message.intervalMs.high >>> 0).toNumber() : message.intervalMs;
                if (message.timeoutMs != null && $Object.hasOwnProperty.call(message, "timeoutMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.timeoutMs = typeof message.timeoutMs === "number" ? $BigInt(message.timeoutMs) : $util.Long.fromBits(message.timeoutMs.low >>> 0, message.timeoutMs.high >>> 0, false).toBigInt();
                    else if (typeof message.timeoutMs === "number")
                        object.timeoutMs = options.longs === $String ? $String(message.timeoutMs) : message.timeoutMs;
                    else
                        object.timeoutMs = options.longs === $String ? $util.Long.prototype.toString.call(message.timeoutMs) : options.longs === $Number ? new $util.LongBits(message.timeoutMs.low >>> 0, message.timeoutMs.high >>> 0).toNumber() : message.timeoutMs;
                if (message.retries != null && $Object.hasOwnProperty.call(message, "retries"))
                    object.retries = message.retries;
                if (message.startPeriodMs != null && $Object.hasOwnProperty.call(message, "startPeriodMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.startPeriodMs = typeof message.startPeriodMs === "number" ? $BigInt(message.startPeriodMs) : $util.Long.fromBits(message.startPeriodMs.low >>> 0, message.startPeriodMs.high >>> 0, false).toBigInt();
                    else if (typeof message.startPeriodMs === "number")
                        object.startPeriodMs = options.longs === $String ? $String(message.startPeriodMs) : message.startPeriodMs;
                    else
                        object.startPeriodMs = options.longs === $String ? $util.Long.prototype.toString.call(message.startPeriodMs) : options.longs === $Number ? new $util.LongBits(message.startPeriodMs.low >>> 0, message.startPeriodMs.high >>> 0).toNumber() : message.startPeriodMs;
                if (message.startIntervalMs != null && $Object.hasOwnProperty.call(message, "startIntervalMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.startIntervalMs = typeof message.startIntervalMs === "number" ? $BigInt(message.startIntervalMs) : $util.Long.fromBits(message.startIntervalMs.low >>> 0, message.startIntervalMs.high >>> 0, false).toBigInt();
                    else if (typeof message.startIntervalMs === "number")
                        object.startIntervalMs = options.longs === $String ? $String(message.startIntervalMs) : message.startIntervalMs;
                    else
                        object.startIntervalMs = options.longs === $String ? $util.Long.prototype.toString.call(message.startIntervalMs) : options.longs === $Number ? new $util.LongBits(message.startIntervalMs.low >>> 0, message.startIntervalMs.high >>> 0).toNumber() : message.startIntervalMs;
                return object;
            };

            HealthCheck.prototype.toJSON = function() {
                return HealthCheck.toObject(this, $protobuf.util.toJSONOptions);
            };

            return HealthCheck;
        })();

        v1.DnsConfig = (function() {

            const DnsConfig = function (properties) {
                this.servers = [];
                this.search = [];
                this.options = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            DnsConfig.prototype.servers = $util.emptyArray;
            DnsConfig.prototype.search = $util.emptyArray;
            DnsConfig.prototype.options = $util.emptyArray;

            DnsConfig.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.servers != null && message.servers.length)
                    for (let i = 0; i < message.servers.length; ++i)
                        writer.uint32(10).string(message.servers[i]);
                if (message.search != null && message.search.length)
                    for (let i = 0; i < message.search.length; ++i)
                        writer.uint32(18).string(message.search[i]);
                if (message.options != null && message.options.length)
                    for (let i = 0; i < message.options.length; ++i)
                        writer.uint32(26).string(message.options[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            DnsConfig.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.DnsConfig();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if (!(message.servers && message.servers.length))
                                message.servers = [];
                            message.servers.push(reader.stringVerify());
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.search && message.search.length))
                                message.search = [];
                            message.search.push(reader.stringVerify());
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.options && message.options.length))
                                message.options = [];
                            message.options.push(reader.stringVerify());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            DnsConfig.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.DnsConfig)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.DnsConfig: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.DnsConfig();
                if (object.servers) {
                    if (!$Array.isArray(object.servers))
                        throw $TypeError(".tso.v1.DnsConfig.servers: array expected");
                    message.servers = $Array(object.servers.length);
                    for (let i = 0; i < object.servers.length; ++i)
                        message.servers[i] = $String(object.servers[i]);
                }
                if (object.search) {
                    if (!$Array.isArray(object.search))
                        throw $TypeError(".tso.v1.DnsConfig.search: array expected");
                    message.search = $Array(object.search.length);
                    for (let i = 0; i < object.search.length; ++i)
                        message.search[i] = $String(object.search[i]);
                }
                if (object.options) {
                    if (!$Array.isArray(object.options))
                        throw $TypeError(".tso.v1.DnsConfig.options: array expected");
                    message.options = $Array(object.options.length);
                    for (let i = 0; i < object.options.length; ++i)
                        message.options[i] = $String(object.options[i]);
                }
                return message;
            };

            DnsConfig.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults) {
                    object.servers = [];
                    object.search = [];
                    object.options = [];
                }
                if (message.servers && message.servers.length) {
                    object.servers = $Array(message.servers.length);
                    for (let j = 0; j < message.servers.length; ++j)
                        object.servers[j] = message.servers[j];
                }
                if (message.search && message.search.length) {
                    object.search = $Array(message.search.length);
                    for (let j = 0; j < message.search.length; ++j)
                        object.search[j] = message.search[j];
                }
                if (message.options && message.options.length) {
                    object.options = $Array(message.options.length);
                    for (let j = 0; j < message.options.length; ++j)
                        object.options[j] = message.options[j];
                }
                return object;
            };

            DnsConfig.prototype.toJSON = function() {
                return DnsConfig.toObject(this, $protobuf.util.toJSONOptions);
            };

            return DnsConfig;
        })();

        v1.ContainerSpec = (function() {

            const ContainerSpec = function (properties) {
                this.env = [];
                this.groupAdd = [];
                this.labels = {};
                this.capAdd = [];
                this.capDrop = [];
                this.sysctls = {};
                this.ulimits = [];
                this.mounts = [];
                this.devices = [];
                this.extraHosts = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ContainerSpec.prototype.image = "";
            ContainerSpec.prototype.entrypoint = null;
            ContainerSpec.prototype.command = null;
            ContainerSpec.prototype.env = $util.emptyArray;
            ContainerSpec.prototype.workingDir = "";
            ContainerSpec.prototype.user = "";
            ContainerSpec.prototype.groupAdd = $util.emptyArray;
            ContainerSpec.prototype.hostname = "";
            ContainerSpec.prototype.domainname = "";
            ContainerSpec.prototype.labels = $util.emptyObject;
            ContainerSpec.prototype.stopSignal = "";
            ContainerSpec.prototype.stopGracePeriodMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            ContainerSpec.prototype.tty = false;
            ContainerSpec.prototype.openStdin = false;
            ContainerSpec.prototype.readOnly = false;
            ContainerSpec.prototype.init = null;
            ContainerSpec.prototype.privileged = false;
            ContainerSpec.prototype.capAdd = $util.emptyArray;
            ContainerSpec.prototype.capDrop = $util.emptyArray;
            ContainerSpec.prototype.noNewPrivileges = false;
            ContainerSpec.prototype.seccomp = "";
            ContainerSpec.prototype.sysctls = $util.emptyObject;
            ContainerSpec.prototype.ulimits = $util.emptyArray;
            ContainerSpec.prototype.shmSizeBytes = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            ContainerSpec.prototype.mounts = $util.emptyArray;
            ContainerSpec.prototype.devices = $util.emptyArray;
            ContainerSpec.prototype.extraHosts = $util.emptyArray;
            ContainerSpec.prototype.dns = null;
            ContainerSpec.prototype.usernsMode = "";
            ContainerSpec.prototype.pidMode = "";
            ContainerSpec.prototype.ipcMode = "";
            ContainerSpec.prototype.utsMode = "";
            ContainerSpec.prototype.cgroupMode = "";
            ContainerSpec.prototype.oomScoreAdj = 0;
            ContainerSpec.prototype.healthCheck = null;
            ContainerSpec.prototype.pullPolicy = 0;
            ContainerSpec.prototype.platform = "";
            ContainerSpec.prototype.memorySwapBytes = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            ContainerSpec.prototype.cpusetCpus = "";
            ContainerSpec.prototype.cpuShares = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            ContainerSpec.prototype.containerName = "";

            let $oneOfFields;

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(ContainerSpec.prototype, "_entrypoint", {
                get: $util.oneOfGetter($oneOfFields = ["entrypoint"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(ContainerSpec.prototype, "_command", {
                get: $util.oneOfGetter($oneOfFields = ["command"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(ContainerSpec.prototype, "_init", {
                get: $util.oneOfGetter($oneOfFields = ["init"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(ContainerSpec.prototype, "_dns", {
                get: $util.oneOfGetter($oneOfFields = ["dns"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(ContainerSpec.prototype, "_healthCheck", {
                get: $util.oneOfGetter($oneOfFields = ["healthCheck"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            ContainerSpec.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.image != null && $Object.hasOwnProperty.call(message, "image") && message.image !== "")
                    writer.uint32(10).string(message.image);
                if (message.entrypoint != null && $Object.hasOwnProperty.call(message, "entrypoint"))
                    $root.tso.v1.StringList.encode(message.entrypoint, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.command != null && $Object.hasOwnProperty.call(message, "command"))
                    $root.tso.v1.StringList.encode(message.command, writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.env != null && message.env.length)
                    for (let i = 0; i < message.env.length; ++i)
                        writer.uint32(34).string(message.env[i]);
                if (message.workingDir != null && $Object.hasOwnProperty.call(message, "workingDir") && message.workingDir !== "")
                    writer.uint32(42).string(message.workingDir);
                if (message.user != null && $Object.hasOwnProperty.call(message, "user") && message.user !== "")
                    writer.uint32(50).string(message.user);
                if (message.groupAdd != null && message.groupAdd.length)
                    for (let i = 0; i < message.groupAdd.length; ++i)
                        writer.uint32(58).string(message.groupAdd[i]);
                if (message.hostname != null && $Object.hasOwnProperty.call(message, "hostname") && message.hostname !== "")
                    writer.uint32(66).string(message.hostname);
                if (message.domainname != null && $Object.hasOwnProperty.call(message, "domainname") && message.domainname !== "")
                    writer.uint32(74).string(message.domainname);
                if (message.labels != null && $Object.hasOwnProperty.call(message, "labels"))
                    for (let keys = $Object.keys(message.labels), i = 0; i < keys.length; ++i)
                        writer.uint32(82).fork().uint32(10).string(keys[i]).uint32(18).string(message.labels[keys[i]]).ldelim();
                if (message.stopSignal != null && $Object.hasOwnProperty.call(message, "stopSignal") && message.stopSignal !== "")
                    writer.uint32(90).string(message.stopSignal);
                if (message.stopGracePeriodMs != null && $Object.hasOwnProperty.call(message, "stopGracePeriodMs") && (typeof message.stopGracePeriodMs === "object" ? message.stopGracePeriodMs.low || message.stopGracePeriodMs.high : message.stopGracePeriodMs !== 0))
                    writer.uint32(96).int64(message.stopGracePeriodMs);
                if (message.tty != null && $Object.hasOwnProperty.call(message, "tty") && message.tty !== false)
                    writer.uint32(104).bool(message.tty);
                if (message.openStdin != null && $Object.hasOwnProperty.call(message, "openStdin") && message.openStdin !== false)
                    writer.uint32(112).bool(message.openStdin);
                if (message.readOnly != null && $Object.hasOwnProperty.call(message, "readOnly") && message.readOnly !== false)
                    writer.uint32(120).bool(message.readOnly);
                if (message.init != null && $Object.hasOwnProperty.call(message, "init"))
                    writer.uint32(128).bool(message.init);
                if (message.privileged != null && $Object.hasOwnProperty.call(message, "privileged") && message.privileged !== false)
                    writer.uint32(136).bool(message.privileged);
                if (message.capAdd != null && message.capAdd.length)
                    for (let i = 0; i < message.capAdd.length; ++i)
                        writer.uint32(146).string(message.capAdd[i]);
                if (message.capDrop != null && message.capDrop.length)
                    for (let i = 0; i < message.capDrop.length; ++i)
                        writer.uint32(154).string(message.capDrop[i]);
                if (message.noNewPrivileges != null && $Object.hasOwnProperty.call(message, "noNewPrivileges") && message.noNewPrivileges !== false)
                    writer.uint32(160).bool(message.noNewPrivileges);
                if (message.seccomp != null && $Object.hasOwnProperty.call(message, "seccomp") && message.seccomp !== "")
                    writer.uint32(170).string(message.seccomp);
                if (message.sysctls != null && $Object.hasOwnProperty.call(message, "sysctls"))
                    for (let keys = $Object.keys(message.sysctls), i = 0; i < keys.length; ++i)
                        writer.uint32(178).fork().uint32(10).string(keys[i]).uint32(18).string(message.sysctls[keys[i]]).ldelim();
                if (message.ulimits != null && message.ulimits.length)
                    for (let i = 0; i < message.ulimits.length; ++i)
                        $root.tso.v1.Ulimit.encode(message.ulimits[i], writer.uint32(186).fork(), _depth + 1).ldelim();
                if (message.shmSizeBytes != null && $Object.hasOwnProperty.call(message, "shmSizeBytes") && (typeof message.shmSizeBytes === "object" ? message.shmSizeBytes.low || message.shmSizeBytes.high : message.shmSizeBytes !== 0))
                    writer.uint32(192).int64(message.shmSizeBytes);
                if (message.mounts != null && message.mounts.length)
                    for (let i = 0; i < message.mounts.length; ++i)
                        $root.tso.v1.Mount.encode(message.mounts[i], writer.uint32(202).fork(), _depth + 1).ldelim();
                if (message.devices != null && message.devices.length)
                    for (let i = 0; i < message.devices.length; ++i)
                        $root.tso.v1.Device.encode(message.devices[i], writer.uint32(210).fork(), _depth + 1).ldelim();
                if (message.extraHosts != null && message.extraHosts.length)
                    for (let i = 0; i < message.extraHosts.length; ++i)
                        writer.uint32(218).string(message.extraHosts[i]);
                if (message.dns != null && $Object.hasOwnProperty.call(message, "dns"))
                    $root.tso.v1.DnsConfig.encode(message.dns, writer.uint32(226).fork(), _depth + 1).ldelim();
                if (message.usernsMode != null && $Object.hasOwnProperty.call(message, "usernsMode") && message.usernsMode !== "")
                    writer.uint32(234).string(message.usernsMode);
                if (message.pidMode != null && $Object.hasOwnProperty.call(message, "pidMode") && message.pidMode !== "")
                    writer.uint32(242).string(message.pidMode);
                if (message.ipcMode != null && $Object.hasOwnProperty.call(message, "ipcMode") && message.ipcMode !== "")
                    writer.uint32(250).string(message.ipcMode);
                if (message.utsMode != null && $Object.hasOwnProperty.call(message, "utsMode") && message.utsMode !== "")
                    writer.uint32(258).string(message.utsMode);
                if (message.cgroupMode != null && $Object.hasOwnProperty.call(message, "cgroupMode") && message.cgroupMode !== "")
                    writer.uint32(266).string(message.cgroupMode);
                if (message.oomScoreAdj != null && $Object.hasOwnProperty.call(message, "oomScoreAdj") && message.oomScoreAdj !== 0)
                    writer.uint32(272).int32(message.oomScoreAdj);
                if (message.healthCheck != null && $Object.hasOwnProperty.call(message, "healthCheck"))
                    $root.tso.v1.HealthCheck.encode(message.healthCheck, writer.uint32(282).fork(), _depth + 1).ldelim();
                if (message.pullPolicy != null && $Object.hasOwnProperty.call(message, "pullPolicy") && message.pullPolicy !== 0)
                    writer.uint32(288).int32(message.pullPolicy);
                if (message.platform != null && $Object.hasOwnProperty.call(message, "platform") && message.platform !== "")
                    writer.uint32(298).string(message.platform);
                if (message.memorySwapBytes != null && $Object.hasOwnProperty.call(message, "memorySwapBytes") && (typeof message.memorySwapBytes === "object" ? message.memorySwapBytes.low || message.memorySwapBytes.high : message.memorySwapBytes !== 0))
                    writer.uint32(304).int64(message.memorySwapBytes);
                if (message.cpusetCpus != null && $Object.hasOwnProperty.call(message, "cpusetCpus") && message.cpusetCpus !== "")
                    writer.uint32(314).string(message.cpusetCpus);
                if (message.cpuShares != null && $Object.hasOwnProperty.call(message, "cpuShares") && (typeof message.cpuShares === "object" ? message.cpuShares.low || message.cpuShares.high : message.cpuShares !== 0))
                    writer.uint32(320).uint64(message.cpuShares);
                if (message.containerName != null && $Object.hasOwnProperty.call(message, "containerName") && message.containerName !== "")
                    writer.uint32(330).string(message.containerName);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ContainerSpec.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, key, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ContainerSpec();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.image = value;
                            else
                                delete message.image;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.entrypoint = $root.tso.v1.StringList.decode(reader, reader.size(), $undefined, _depth + 1, message.entrypoint);
                            message._entrypoint = "entrypoint";
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.command = $root.tso.v1.StringList.decode(reader, reader.size(), $undefined, _depth + 1, message.command);
                            message._command = "command";
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if (!(message.env && message.env.length))
                                message.env = [];
                            message.env.push(reader.stringVerify());
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.workingDir = value;
                            else
                                delete message.workingDir;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.user = value;
                            else
                                delete message.user;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if (!(message.groupAdd && message.groupAdd.length))
                                message.groupAdd = [];
                            message.groupAdd.push(reader.stringVerify());
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.hostname = value;
                            else
                                delete message.hostname;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.domainname = value;
                            else
                                delete message.domainname;
                            continue;
                        }
                    case 10: {
                            if (wireType !== 2)
                                break;
                            if (message.labels === $util.emptyObject)
                                message.labels = {};
                            let end2 = reader.size() + reader.pos;
                            if (end2 > reader.len)
                                throw $RangeError("index out of range");
                            reader.len = end2;
                            key = "";
                            value = "";
                            while (reader.pos < end2) {
                                let tag2 = reader.tag();
                                wireType = tag2 & 7;
                                switch (tag2 >>>= 3) {
                                case 1:
                                    if (wireType !== 2)
                                        break;
                                    key = reader.stringVerify();
                                    continue;
                                case 2:
                                    if (wireType !== 2)
                                        break;
                                    value = reader.stringVerify();
                                    continue;
                                }
                                reader.skipType(wireType, _depth, tag2);
                            }
                            if (reader.pos !== end2)
                                throw $RangeError("index out of range");
                            reader.len = end;
                            if (key === "__proto__")
                                $util.makeProp(message.labels, key);
                            message.labels[key] = value;
                            continue;
                        }
                    case 11: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.stopSignal = value;
                            else
                                delete message.stopSignal;
                            continue;
                        }
                    case 12: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.stopGracePeriodMs = value;
                            else
                                delete message.stopGracePeriodMs;
                            continue;
                        }
                    case 13: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.tty = value;
                            else
                                delete message.tty;
                            continue;
                        }
                    case 14: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.openStdin = value;
                            else
                                delete message.openStdin;
                            continue;
                        }
                    case 15: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.readOnly = value;
                            else
                                delete message.readOnly;
                            continue;
                        }
                    case 16: {
                            if (wireType !== 0)
                                break;
                            message.init = reader.bool();
                            message._init = "init";
                            continue;
                        }
                    case 17: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.privileged = value;
                            else
                                delete message.privileged;
                            continue;
                        }
                    case 18: {
                            if (wireType !== 2)
                                break;
                            if (!(message.capAdd && message.capAdd.length))
                                message.capAdd = [];
                            message.capAdd.push(reader.stringVerify());
                            continue;
                        }
                    case 19: {
                            if (wireType !== 2)
                                break;
                            if (!(message.capDrop && message.capDrop.length))
                                message.capDrop = [];
                            message.capDrop.push(reader.stringVerify());
                            continue;
                        }
                    case 20: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.noNewPrivileges = value;
                            else
                                delete message.noNewPrivileges;
                            continue;
                        }
                    case 21: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.seccomp = value;
                            else
                                delete message.seccomp;
                            continue;
                        }
                    case 22: {
                            if (wireType !== 2)
                                break;
                            if (message.sysctls === $util.emptyObject)
                                message.sysctls = {};
                            let end2 = reader.size() + reader.pos;
                            if (end2 > reader.len)
                                throw $RangeError("index out of range");
                            reader.len = end2;
                            key = "";
                            value = "";
                            while (reader.pos < end2) {
                                let tag2 = reader.tag();
                                wireType = tag2 & 7;
                                switch (tag2 >>>= 3) {
                                case 1:
                                    if (wireType !== 2)
                                        break;
                                    key = reader.stringVerify();
                                    continue;
                                case 2:
                                    if (wireType !== 2)
                                        break;
                                    value = reader.stringVerify();
                                    continue;
                                }
                                reader.skipType(wireType, _depth, tag2);
                            }
                            if (reader.pos !== end2)
                                throw $RangeError("index out of range");
                            reader.len = end;
                            if (key === "__proto__")
                                $util.makeProp(message.sysctls, key);
                            message.sysctls[key] = value;
                            continue;
                        }
                    case 23: {
                            if (wireType !== 2)
                                break;
                            if (!(message.ulimits && message.ulimits.length))
                                message.ulimits = [];
                            message.ulimits.push($root.tso.v1.Ulimit.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 24: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.shmSizeBytes = value;
                            else
                                delete message.shmSizeBytes;
                            continue;
                        }
                    case 25: {
                            if (wireType !== 2)
                                break;
                            if (!(message.mounts && message.mounts.length))
                                message.mounts = [];
                            message.mounts.push($root.tso.v1.Mount.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 26: {
                            if (wireType !== 2)
                                break;
                            if (!(message.devices && message.devices.length))
                                message.devices = [];
                            message.devices.push($root.tso.v1.Device.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 27: {
                            if (wireType !== 2)
                                break;
                            if (!(message.extraHosts && message.extraHosts.length))
                                message.extraHosts = [];
                            message.extraHosts.push(reader.stringVerify());
                            continue;
                        }
                    case 28: {
                            if (wireType !== 2)
                                break;
                            message.dns = $root.tso.v1.DnsConfig.decode(reader, reader.size(), $undefined, _depth + 1, message.dns);
                            message._dns = "dns";
                            continue;
                        }
                    case 29: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.usernsMode = value;
                            else
                                delete message.usernsMode;
                            continue;
                        }
                    case 30: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.pidMode = value;
                            else
                                delete message.pidMode;
                            continue;
                        }
                    case 31: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.ipcMode = value;
                            else
                                delete message.ipcMode;
                            continue;
                        }
                    case 32: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.utsMode = value;
                            else
                                delete message.utsMode;
                            continue;
                        }
                    case 33: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.cgroupMode = value;
                            else
                                delete message.cgroupMode;
                            continue;
                        }
                    case 34: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.oomScoreAdj = value;
                            else
                                delete message.oomScoreAdj;
                            continue;
                        }
                    case 35: {
                            if (wireType !== 2)
                                break;
                            message.healthCheck = $root.tso.v1.HealthCheck.decode(reader, reader.size(), $undefined, _depth + 1, message.healthCheck);
                            message._healthCheck = "healthCheck";
                            continue;
                        }
                    case 36: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.pullPolicy = value;
                            else
                                delete message.pullPolicy;
                            continue;
                        }
                    case 37: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.platform = value;
                            else
                                delete message.platform;
                            continue;
                        }
                    case 38: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.memorySwapBytes = value;
                            else
                                delete message.memorySwapBytes;
                            continue;
                        }
                    case 39: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.cpusetCpus = value;
                            else
                                delete message.cpusetCpus;
                            continue;
                        }
                    case 40: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.cpuShares = value;
                            else
                                delete message.cpuShares;
                            continue;
                        }
                    case 41: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.containerName = value;
                            else
                                delete message.containerName;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ContainerSpec.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ContainerSpec)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ContainerSpec: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ContainerSpec();
                if (object.image != null)
                    if (typeof object.image !== "string" || object.image.length)
                        message.image = $String(object.image);
                if (object.entrypoint != null) {
                    if (!$util.isObject(object.entrypoint))
                        throw $TypeError(".tso.v1.ContainerSpec.entrypoint: object expected");
                    message.entrypoint = $root.tso.v1.StringList.fromObject(object.entrypoint, _depth + 1);
                }
                if (object.command != null) {
                    if (!$util.isObject(object.command))
                        throw $TypeError(".tso.v1.ContainerSpec.command: object expected");
                    message.command = $root.tso.v1.StringList.fromObject(object.command, _depth + 1);
                }
                if (object.env) {
                    if (!$Array.isArray(object.env))
                        throw $TypeError(".tso.v1.ContainerSpec.env: array expected");
                    message.env = $Array(object.env.length);
                    for (let i = 0; i < object.env.length; ++i)
                        message.env[i] = $String(object.env[i]);
                }
                if (object.workingDir != null)
                    if (typeof object.workingDir !== "string" || object.workingDir.length)
                        message.workingDir = $String(object.workingDir);
                if (object.user != null)
                    if (typeof object.user !== "string" || object.user.length)
                        message.user = $String(object.user);
                if (object.groupAdd) {
                    if (!$Array.isArray(object.groupAdd))
                        throw $TypeError(".tso.v1.ContainerSpec.groupAdd: array expected");
                    message.groupAdd = $Array(object.groupAdd.length);
                    for (let i = 0; i < object.groupAdd.length; ++i)
                        message.groupAdd[i] = $String(object.groupAdd[i]);
                }
                if (object.hostname != null)
                    if (typeof object.hostname !== "string" || object.hostname.length)
                        message.hostname = $String(object.hostname);
                if (object.domainname != null)
                    if (typeof object.domainname !== "string" || object.domainname.length)
                        message.domainname = $String(object.domainname);
                if (object.labels) {
                    if (!$util.isObject(object.labels))
                        throw $TypeError(".tso.v1.ContainerSpec.labels: object expected");
                    message.labels = {};
                    for (let keys = $Object.keys(object.labels), i = 0; i < keys.length; ++i) {
                        if (keys[i] === "__proto__")
                            $util.makeProp(message.labels, keys[i]);
                        message.labels[keys[i]] = $String(object.labels[keys[i]]);
                    }
                }
                if (object.stopSignal != null)
                    if (typeof object.stopSignal !== "string" || object.stopSignal.length)
                        message.stopSignal = $String(object.stopSignal);
                if (object.stopGracePeriodMs != null)
                    if (typeof object.stopGracePeriodMs === "object" ? object.stopGracePeriodMs.low || object.stopGracePeriodMs.high : $Number(object.stopGracePeriodMs) !== 0)
                        if ($util.Long)
                            message.stopGracePeriodMs = $util.Long.fromValue(object.stopGracePeriodMs, false);
                        else if (typeof object.stopGracePeriodMs === "string")
                            message.stopGracePeriodMs = $parseInt(object.stopGracePeriodMs, 10);
                        else if (typeof object.stopGracePeriodMs === "number")
                            message.stopGracePeriodMs = object.stopGracePeriodMs;
                        else if (typeof object.stopGracePeriodMs === "object")
                            message.stopGracePeriodMs = new $util.LongBits(object.stopGracePeriodMs.low >>> 0, object.stopGracePeriodMs.high >>> 0).toNumber();
                if (object.tty != null)
                    if (object.tty)
                        message.tty = $Boolean(object.tty);
                if (object.openStdin != null)
                    if (object.openStdin)
                        message.openStdin = $Boolean(object.openStdin);
                if (object.readOnly != null)
                    if (object.readOnly)
                        message.readOnly = $Boolean(object.readOnly);
                if (object.init != null)
                    message.init = $Boolean(object.init);
                if (object.privileged != null)
                    if (object.privileged)
                        message.privileged = $Boolean(object.privileged);
                if (object.capAdd) {
                    if (!$Array.isArray(object.capAdd))
                        throw $TypeError(".tso.v1.ContainerSpec.capAdd: array expected");
                    message.capAdd = $Array(object.capAdd.length);
                    for (let i = 0; i < object.capAdd.length; ++i)
                        message.capAdd[i] = $String(object.capAdd[i]);
                }
                if (object.capDrop) {
                    if (!$Array.isArray(object.capDrop))
                        throw $TypeError(".tso.v1.ContainerSpec.capDrop: array expected");
                    message.capDrop = $Array(object.capDrop.length);
                    for (let i = 0; i < object.capDrop.length; ++i)
                        message.capDrop[i] = $String(object.capDrop[i]);
                }
                if (object.noNewPrivileges != null)
                    if (object.noNewPrivileges)
                        message.noNewPrivileges = $Boolean(object.noNewPrivileges);
                if (object.seccomp != null)
                    if (typeof object.seccomp !== "string" || object.seccomp.length)
                        message.seccomp = $String(object.seccomp);
                if (object.sysctls) {
                    if (!$util.isObject(object.sysctls))
                        throw $TypeError(".tso.v1.ContainerSpec.sysctls: object expected");
                    message.sysctls = {};
                    for (let keys = $Object.keys(object.sysctls), i = 0; i < keys.length; ++i) {
                        if (keys[i] === "__proto__")
                            $util.makeProp(message.sysctls, keys[i]);
                        message.sysctls[keys[i]] = $String(object.sysctls[keys[i]]);
                    }
                }
                if (object.ulimits) {
                    if (!$Array.isArray(object.ulimits))
                        throw $TypeError(".tso.v1.ContainerSpec.ulimits: array expected");
                    message.ulimits = $Array(object.ulimits.length);
                    for (let i = 0; i < object.ulimits.length; ++i) {
                        if (!$util.isObject(object.ulimits[i]))
                            throw $TypeError(".tso.v1.ContainerSpec.ulimits: object expected");
                        message.ulimits[i] = $root.tso.v1.Ulimit.fromObject(object.ulimits[i], _depth + 1);
                    }
                }
                if (object.shmSizeBytes != null)
                    if (typeof object.shmSizeBytes === "object" ? object.shmSizeBytes.low || object.shmSizeBytes.high : $Number(object.shmSizeBytes) !== 0)
                        if ($util.Long)
                            message.shmSizeBytes = $util.Long.fromValue(object.shmSizeBytes, false);
                        else if (typeof object.shmSizeBytes === "string")
                            message.shmSizeBytes = $parseInt(object.shmSizeBytes, 10);
                        else if (typeof object.shmSizeBytes === "number")
                            message.shmSizeBytes = object.shmSizeBytes;
                        else if (typeof object.shmSizeBytes === "object")
                            message.shmSizeBytes = new $util.LongBits(object.shmSizeBytes.low >>> 0, object.shmSizeBytes.high >>> 0).toNumber();
                if (object.mounts) {
                    if (!$Array.isArray(object.mounts))
                        throw $TypeError(".tso.v1.ContainerSpec.mounts: array expected");
                    message.mounts = $Array(object.mounts.length);
                    for (let i = 0; i < object.mounts.length; ++i) {
                        if (!$util.isObject(object.mounts[i]))
                            throw $TypeError(".tso.v1.ContainerSpec.mounts: object expected");
                        message.mounts[i] = $root.tso.v1.Mount.fromObject(object.mounts[i], _depth + 1);
                    }
                }
                if (object.devices) {
                    if (!$Array.isArray(object.devices))
                        throw $TypeError(".tso.v1.ContainerSpec.devices: array expected");
                    message.devices = $Array(object.devices.length);
                    for (let i = 0; i < object.devices.length; ++i) {
                        if (!$util.isObject(object.devices[i]))
                            throw $TypeError(".tso.v1.ContainerSpec.devices: object expected");
                        message.devices[i] = $root.tso.v1.Device.fromObject(object.devices[i], _depth + 1);
                    }
                }
                if (object.extraHosts) {
                    if (!$Array.isArray(object.extraHosts))
                        throw $TypeError(".tso.v1.ContainerSpec.extraHosts: array expected");
                    message.extraHosts = $Array(object.extraHosts.length);
                    for (let i = 0; i < object.extraHosts.length; ++i)
                        message.extraHosts[i] = $String(object.extraHosts[i]);
                }
                if (object.dns != null) {
                    if (!$util.isObject(object.dns))
                        throw $TypeError(".tso.v1.ContainerSpec.dns: object expected");
                    message.dns = $root.tso.v1.DnsConfig.fromObject(object.dns, _depth + 1);
                }
                if (object.usernsMode != null)
                    if (typeof object.usernsMode !== "string" || object.usernsMode.length)
                        message.usernsMode = $String(object.usernsMode);
                if (object.pidMode != null)
                    if (typeof object.pidMode !== "string" || object.pidMode.length)
                        message.pidMode = $String(object.pidMode);
                if (object.ipcMode != null)
                    if (typeof object.ipcMode !== "string" || object.ipcMode.length)
                        message.ipcMode = $String(object.ipcMode);
                if (object.utsMode != null)
                    if (typeof object.utsMode !== "string" || object.utsMode.length)
                        message.utsMode = $String(object.utsMode);
                if (object.cgroupMode != null)
                    if (typeof object.cgroupMode !== "string" || object.cgroupMode.length)
                        message.cgroupMode = $String(object.cgroupMode);
                if (object.oomScoreAdj != null)
                    if ($Number(object.oomScoreAdj) !== 0)
                        message.oomScoreAdj = object.oomScoreAdj | 0;
                if (object.healthCheck != null) {
                    if (!$util.isObject(object.healthCheck))
                        throw $TypeError(".tso.v1.ContainerSpec.healthCheck: object expected");
                    message.healthCheck = $root.tso.v1.HealthCheck.fromObject(object.healthCheck, _depth + 1);
                }
                if (object.pullPolicy !== 0 && (typeof object.pullPolicy !== "string" || $root.tso.v1.PullPolicy[object.pullPolicy] !== 0))
                    switch (object.pullPolicy) {
                    case "PULL_MISSING":
                    case 0:
                        message.pullPolicy = 0;
                        break;
                    case "PULL_ALWAYS":
                    case 1:
                        message.pullPolicy = 1;
                        break;
                    case "PULL_NEVER":
                    case 2:
                        message.pullPolicy = 2;
                        break;
                    default:
                        if (typeof object.pullPolicy === "number" && (object.pullPolicy | 0) === object.pullPolicy)
                            message.pullPolicy = object.pullPolicy;
                    }
                if (object.platform != null)
                    if (typeof object.platform !== "string" || object.platform.length)
                        message.platform = $String(object.platform);
                if (object.memorySwapBytes != null)
                    if (typeof object.memorySwapBytes === "object" ? object.memorySwapBytes.low || object.memorySwapBytes.high : $Number(object.memorySwapBytes) !== 0)
                        if ($util.Long)
                            message.memorySwapBytes = $util.Long.fromValue(object.memorySwapBytes, false);
                        else if (typeof object.memorySwapBytes === "string")
                            message.memorySwapBytes = $parseInt(object.memorySwapBytes, 10);
                        else if (typeof object.memorySwapBytes === "number")
                            message.memorySwapBytes = object.memorySwapBytes;
                        else if (typeof object.memorySwapBytes === "object")
                            message.memorySwapBytes = new $util.LongBits(object.memorySwapBytes.low >>> 0, object.memorySwapBytes.high >>> 0).toNumber();
                if (object.cpusetCpus != null)
                    if (typeof object.cpusetCpus !== "string" || object.cpusetCpus.length)
                        message.cpusetCpus = $String(object.cpusetCpus);
                if (object.cpuShares != null)
                    if (typeof object.cpuShares === "object" ? object.cpuShares.low || object.cpuShares.high : $Number(object.cpuShares) !== 0)
                        if ($util.Long)
                            message.cpuShares = $util.Long.fromValue(object.cpuShares, true);
                        else if (typeof object.cpuShares === "string")
                            message.cpuShares = $parseInt(object.cpuShares, 10);
                        else if (typeof object.cpuShares === "number")
                            message.cpuShares = object.cpuShares;
                        else if (typeof object.cpuShares === "object")
                            message.cpuShares = new $util.LongBits(object.cpuShares.low >>> 0, object.cpuShares.high >>> 0).toNumber(true);
                if (object.containerName != null)
                    if (typeof object.containerName !== "string" || object.containerName.length)
                        message.containerName = $String(object.containerName);
                return message;
            };

            ContainerSpec.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults) {
                    object.env = [];
                    object.groupAdd = [];
                    object.capAdd = [];
                    object.capDrop = [];
                    object.ulimits = [];
                    object.mounts = [];
                    object.devices = [];
                    object.extraHosts = [];
                }
                if (options.objects || options.defaults) {
                    object.labels = {};
                    object.sysctls = {};
                }
                if (options.defaults) {
                    object.image = "";
                    object.workingDir = "";
                    object.user = "";
                    object.hostname = "";
                    object.domainname = "";
                    object.stopSignal = "";
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.stopGracePeriodMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.stopGracePeriodMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.tty = false;
                    object.openStdin = false;
                    object.readOnly = false;
                    object.privileged = false;
                    object.noNewPrivileges = false;
                    object.seccomp = "";
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.shmSizeBytes = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.shmSizeBytes = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.usernsMode = "";
                    object.pidMode = "";
                    object.ipcMode = "";
                    object.utsMode = "";
                    object.cgroupMode = "";
                    object.oomScoreAdj = 0;
                    object.pullPolicy = options.enums === $String ? "PULL_MISSING" : 0;
                    object.platform = "";
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.memorySwapBytes = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.memorySwapBytes = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.cpusetCpus = "";
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.cpuShares = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.cpuShares = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.containerName = "";
                }
                if (message.image != null && $Object.hasOwnProperty.call(message, "image"))
                    object.image = message.image;
                if (message.entrypoint != null && $Object.hasOwnProperty.call(message, "entrypoint"))
                    object.entrypoint = $root.tso.v1.StringList.toObject(message.entrypoint, options, _depth + 1);
                if (message.command != null && $Object.hasOwnProperty.call(message, "command"))
                    object.command = $root.tso.v1.StringList.toObject(message.command, options, _depth + 1);
                if (message.env && message.env.length) {
                    object.env = $Array(message.env.length);
                    for (let j = 0; j < message.env.length; ++j)
                        object.env[j] = message.env[j];
                }
                if (message.workingDir != null && $Object.hasOwnProperty.call(message, "workingDir"))
                    object.workingDir = message.workingDir;
                if (message.user != null && $Object.hasOwnProperty.call(message, "user"))
                    object.user = message.user;
                if (message.groupAdd && message.groupAdd.length) {
                    object.groupAdd = $Array(message.groupAdd.length);
                    for (let j = 0; j < message.groupAdd.length; ++j)
                        object.groupAdd[j] = message.groupAdd[j];
                }
                if (message.hostname != null && $Object.hasOwnProperty.call(message, "hostname"))
                    object.hostname = message.hostname;
                if (message.domainname != null && $Object.hasOwnProperty.call(message, "domainname"))
                    object.domainname = message.domainname;
                let keys2;
                if (message.labels && (keys2 = $Object.keys(message.labels)).length) {
                    object.labels = {};
                    for (let j = 0; j < keys2.length; ++j) {
                        if (keys2[j] === "__proto__")
                            $util.makeProp(object.labels, keys2[j]);
                        object.labels[keys2[j]] = message.labels[keys2[j]];
                    }
                }
                if (message.stopSignal != null && $Object.hasOwnProperty.call(message, "stopSignal"))
                    object.stopSignal = message.stopSignal;
                if (message.stopGracePeriodMs != null && $Object.hasOwnProperty.call(message, "stopGracePeriodMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.stopGracePeriodMs = typeof message.stopGracePeriodMs === "number" ? $BigInt(message.stopGracePeriodMs) : $util.Long.fromBits(message.stopGracePeriodMs.low >>> 0, message.stopGracePeriodMs.high >>> 0, false).toBigInt();
                    else if (typeof message.stopGracePeriodMs === "number")
                        object.stopGracePeriodMs = options.longs === $String ? $String(message.stopGracePeriodMs) : message.stopGracePeriodMs;
                    else
                        object.stopGracePeriodMs = options.longs === $String ? $util.Long.prototype.toString.call(message.stopGracePeriodMs) : options.longs === $Number ? new $util.LongBits(message.stopGracePeriodMs.low >>> 0, message.stopGracePeriodMs.high >>> 0).toNumber() : message.stopGracePeriodMs;
                if (message.tty != null && $Object.hasOwnProperty.call(message, "tty"))
                    object.tty = message.tty;
                if (message.openStdin != null && $Object.hasOwnProperty.call(message, "openStdin"))
                    object.openStdin = message.openStdin;
                if (message.readOnly != null && $Object.hasOwnProperty.call(message, "readOnly"))
                    object.readOnly = message.readOnly;
                if (message.init != null && $Object.hasOwnProperty.call(message, "init"))
                    object.init = message.init;
                if (message.privileged != null && $Object.hasOwnProperty.call(message, "privileged"))
                    object.privileged = message.privileged;
                if (message.capAdd && message.capAdd.length) {
                    object.capAdd = $Array(message.capAdd.length);
                    for (let j = 0; j < message.capAdd.length; ++j)
                        object.capAdd[j] = message.capAdd[j];
                }
                if (message.capDrop && message.capDrop.length) {
                    object.capDrop = $Array(message.capDrop.length);
                    for (let j = 0; j < message.capDrop.length; ++j)
                        object.capDrop[j] = message.capDrop[j];
                }
                if (message.noNewPrivileges != null && $Object.hasOwnProperty.call(message, "noNewPrivileges"))
                    object.noNewPrivileges = message.noNewPrivileges;
                if (message.seccomp != null && $Object.hasOwnProperty.call(message, "seccomp"))
                    object.seccomp = message.seccomp;
                if (message.sysctls && (keys2 = $Object.keys(message.sysctls)).length) {
                    object.sysctls = {};
                    for (let j = 0; j < keys2.length; ++j) {
                        if (keys2[j] === "__proto__")
                            $util.makeProp(object.sysctls, keys2[j]);
                        object.sysctls[keys2[j]] = message.sysctls[keys2[j]];
                    }
                }
                if (message.ulimits && message.ulimits.length) {
                    object.ulimits = $Array(message.ulimits.length);
                    for (let j = 0; j < message.ulimits.length; ++j)
                        object.ulimits[j] = $root.tso.v1.Ulimit.toObject(message.ulimits[j], options, _depth + 1);
                }
                if (message.shmSizeBytes != null && $Object.hasOwnProperty.call(message, "shmSizeBytes"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.shmSizeBytes = typeof message.shmSizeBytes === "number" ? $BigInt(message.shmSizeBytes) : $util.Long.fromBits(message.shmSizeBytes.low >>> 0, message.shmSizeBytes.high >>> 0, false).toBigInt();
                    else if (typeof message.shmSizeBytes === "number")
                        object.shmSizeBytes = options.longs === $String ? $String(message.shmSizeBytes) : message.shmSizeBytes;
                    else
                        object.shmSizeBytes = options.longs === $String ? $util.Long.prototype.toString.call(message.shmSizeBytes) : options.longs === $Number ? new $util.LongBits(message.shmSizeBytes.low >>> 0, message.shmSizeBytes.high >>> 0).toNumber() : message.shmSizeBytes;
                if (message.mounts && message.mounts.length) {
                    object.mounts = $Array(message.mounts.length);
                    for (let j = 0; j < message.mounts.length; ++j)
                        object.mounts[j] = $root.tso.v1.Mount.toObject(message.mounts[j], options, _depth + 1);
                }
                if (message.devices && message.devices.length) {
                    object.devices = $Array(message.devices.length);
                    for (let j = 0; j < message.devices.length; ++j)
                        object.devices[j] = $root.tso.v1.Device.toObject(message.devices[j], options, _depth + 1);
                }
                if (message.extraHosts && message.extraHosts.length) {
                    object.extraHosts = $Array(message.extraHosts.length);
                    for (let j = 0; j < message.extraHosts.length; ++j)
                        object.extraHosts[j] = message.extraHosts[j];
                }
                if (message.dns != null && $Object.hasOwnProperty.call(message, "dns"))
                    object.dns = $root.tso.v1.DnsConfig.toObject(message.dns, options, _depth + 1);
                if (message.usernsMode != null && $Object.hasOwnProperty.call(message, "usernsMode"))
                    object.usernsMode = message.usernsMode;
                if (message.pidMode != null && $Object.hasOwnProperty.call(message, "pidMode"))
                    object.pidMode = message.pidMode;
                if (message.ipcMode != null && $Object.hasOwnProperty.call(message, "ipcMode"))
                    object.ipcMode = message.ipcMode;
                if (message.utsMode != null && $Object.hasOwnProperty.call(message, "utsMode"))
                    object.utsMode = message.utsMode;
                if (message.cgroupMode != null && $Object.hasOwnProperty.call(message, "cgroupMode"))
                    object.cgroupMode = message.cgroupMode;
                if (message.oomScoreAdj != null && $Object.hasOwnProperty.call(message, "oomScoreAdj"))
                    object.oomScoreAdj = message.oomScoreAdj;
                if (message.healthCheck != null && $Object.hasOwnProperty.call(message, "healthCheck"))
                    object.healthCheck = $root.tso.v1.HealthCheck.toObject(message.healthCheck, options, _depth + 1);
                if (message.pullPolicy != null && $Object.hasOwnProperty.call(message, "pullPolicy"))
                    object.pullPolicy = options.enums === $String ? $root.tso.v1.PullPolicy[message.pullPolicy] === $undefined ? message.pullPolicy : $root.tso.v1.PullPolicy[message.pullPolicy] : message.pullPolicy;
                if (message.platform != null && $Object.hasOwnProperty.call(message, "platform"))
                    object.platform = message.platform;
                if (message.memorySwapBytes != null && $Object.hasOwnProperty.call(message, "memorySwapBytes"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.memorySwapBytes = typeof message.memorySwapBytes === "number" ? $BigInt(message.memorySwapBytes) : $util.Long.fromBits(message.memorySwapBytes.low >>> 0, message.memorySwapBytes.high >>> 0, false).toBigInt();
                    else if (typeof message.memorySwapBytes === "number")
                        object.memorySwapBytes = options.longs === $String ? $String(message.memorySwapBytes) : message.memorySwapBytes;
                    else
                        object.memorySwapBytes = options.longs === $String ? $util.Long.prototype.toString.call(message.memorySwapBytes) : options.longs === $Number ? new $util.LongBits(message.memorySwapBytes.low >>> 0, message.memorySwapBytes.high >>> 0).toNumber() : message.memorySwapBytes;
                if (message.cpusetCpus != null && $Object.hasOwnProperty.call(message, "cpusetCpus"))
                    object.cpusetCpus = message.cpusetCpus;
                if (message.cpuShares != null && $Object.hasOwnProperty.call(message, "cpuShares"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.cpuShares = typeof message.cpuShares === "number" ? $BigInt(message.cpuShares) : $util.Long.fromBits(message.cpuShares.low >>> 0, message.cpuShares.high >>> 0, true).toBigInt();
                    else if (typeof message.cpuShares === "number")
                        object.cpuShares = options.longs === $String ? $String(message.cpuShares) : message.cpuShares;
                    else
                        object.cpuShares = options.longs === $String ? $util.Long.prototype.toString.call(message.cpuShares) : options.longs === $Number ? new $util.LongBits(message.cpuShares.low >>> 0, message.cpuShares.high >>> 0).toNumber(true) : message.cpuShares;
                if (message.containerName != null && $Object.hasOwnProperty.call(message, "containerName"))
                    object.containerName = message.containerName;
                return object;
            };

            ContainerSpec.prototype.toJSON = function() {
                return ContainerSpec.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ContainerSpec;
        })();

        v1.RestartPolicy = (function() {

            const RestartPolicy = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            RestartPolicy.prototype.condition = 0;
            RestartPolicy.prototype.delayMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            RestartPolicy.prototype.maxAttempts = 0;
            RestartPolicy.prototype.windowMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

            RestartPolicy.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.condition != null && $Object.hasOwnProperty.call(message, "condition") && message.condition !== 0)
                    writer.uint32(8).int32(message.condition);
                if (message.delayMs != null && $Object.hasOwnProperty.call(message, "delayMs") && (typeof message.delayMs === "object" ? message.delayMs.low || message.delayMs.high : message.delayMs !== 0))
                    writer.uint32(16).int64(message.delayMs);
                if (message.maxAttempts != null && $Object.hasOwnProperty.call(message, "maxAttempts") && message.maxAttempts !== 0)
                    writer.uint32(24).uint32(message.maxAttempts);
                if (message.windowMs != null && $Object.hasOwnProperty.call(message, "windowMs") && (typeof message.windowMs === "object" ? message.windowMs.low || message.windowMs.high : message.windowMs !== 0))
                    writer.uint32(32).int64(message.windowMs);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            RestartPolicy.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.RestartPolicy();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.condition = value;
                            else
                                delete message.condition;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.delayMs = value;
                            else
                                delete message.delayMs;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.maxAttempts = value;
                            else
                                delete message.maxAttempts;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.windowMs = value;
                            else
                                delete message.windowMs;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            RestartPolicy.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.RestartPolicy)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.RestartPolicy: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.RestartPolicy();
                if (object.condition !== 0 && (typeof object.condition !== "string" || $root.tso.v1.RestartCondition[object.condition] !== 0))
                    switch (object.condition) {
                    case "RESTART_ANY":
                    case 0:
                        message.condition = 0;
                        break;
                    case "RESTART_ON_FAILURE":
                    case 1:
                        message.condition = 1;
                        break;
                    case "RESTART_NONE":
                    case 2:
                        message.condition = 2;
                        break;
                    default:
                        if (typeof object.condition === "number" && (object.condition | 0) === object.condition)
                            message.condition = object.condition;
                    }
                if (object.delayMs != null)
                    if (typeof object.delayMs === "object" ? object.delayMs.low || object.delayMs.high : $Number(object.delayMs) !== 0)
                        if ($util.Long)
                            message.delayMs = $util.Long.fromValue(object.delayMs, false);
                        else if (typeof object.delayMs === "string")
                            message.delayMs = $parseInt(object.delayMs, 10);
                        else if (typeof object.delayMs === "number")
                            message.delayMs = object.delayMs;
                        else if (typeof object.delayMs === "object")
                            message.delayMs = new $util.LongBits(object.delayMs.low >>> 0, object.delayMs.high >>> 0).toNumber();
                if (object.maxAttempts != null)
                    if ($Number(object.maxAttempts) !== 0)
                        message.maxAttempts = object.maxAttempts >>> 0;
                if (object.windowMs != null)
                    if (typeof object.windowMs === "object" ? object.windowMs.low || object.windowMs.high : $Number(object.windowMs) !== 0)
                        if ($util.Long)
                            message.windowMs = $util.Long.fromValue(object.windowMs, false);
                        else if (typeof object.windowMs === "string")
                            message.windowMs = $parseInt(object.windowMs, 10);
                        else if (typeof object.windowMs === "number")
                            message.windowMs = object.windowMs;
                        else if (typeof object.windowMs === "object")
                            message.windowMs = new $util.LongBits(object.windowMs.low >>> 0, object.windowMs.high >>> 0).toNumber();
                return message;
            };

            RestartPolicy.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.condition = options.enums === $String ? "RESTART_ANY" : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.delayMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.delayMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.maxAttempts = 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.windowMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.windowMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                }
                if (message.condition != null && $Object.hasOwnProperty.call(message, "condition"))
                    object.condition = options.enums === $String ? $root.tso.v1.RestartCondition[message.condition] === $undefined ? message.condition : $root.tso.v1.RestartCondition[message.condition] : message.condition;
                if (message.delayMs != null && $Object.hasOwnProperty.call(message, "delayMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.delayMs = typeof message.delayMs === "number" ? $BigInt(message.delayMs) : $util.Long.fromBits(message.delayMs.low >>> 0, message.delayMs.high >>> 0, false).toBigInt();
                    else if (typeof message.delayMs === "number")
                        object.delayMs = options.longs === $String ? $String(message.delayMs) : message.delayMs;
                    else
                        object.delayMs = options.longs === $String ? $util.Long.prototype.toString.call(message.delayMs) : options.longs === $Number ? new $util.LongBits(message.delayMs.low >>> 0, message.delayMs.high >>> 0).toNumber() : message.delayMs;
                if (message.maxAttempts != null && $Object.hasOwnProperty.call(message, "maxAttempts"))
                    object.maxAttempts = message.maxAttempts;
                if (message.windowMs != null && $Object.hasOwnProperty.call(message, "windowMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.windowMs = typeof message.windowMs === "number" ? $BigInt(message.windowMs) : $util.Long.fromBits(message.windowMs.low >>> 0, message.windowMs.high >>> 0, false).toBigInt();
                    else if (typeof message.windowMs === "number")
                        object.windowMs = options.longs === $String ? $String(message.windowMs) : message.windowMs;
                    else
                        object.windowMs = options.longs === $String ? $util.Long.prototype.toString.call(message.windowMs) : options.longs === $Number ? new $util.LongBits(message.windowMs.low >>> 0, message.windowMs.high >>> 0).toNumber() : message.windowMs;
                return object;
            };

            RestartPolicy.prototype.toJSON = function() {
                return RestartPolicy.toObject(this, $protobuf.util.toJSONOptions);
            };

            return RestartPolicy;
        })();

        v1.NetworkAttachmentSpec = (function() {

            const NetworkAttachmentSpec = function (properties) {
                this.aliases = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            NetworkAttachmentSpec.prototype.network = "";
            NetworkAttachmentSpec.prototype.aliases = $util.emptyArray;
            NetworkAttachmentSpec.prototype.ipv4Address = "";
            NetworkAttachmentSpec.prototype.macAddress = "";
            NetworkAttachmentSpec.prototype.priority = 0;

            NetworkAttachmentSpec.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.network != null && $Object.hasOwnProperty.call(message, "network") && message.network !== "")
                    writer.uint32(10).string(message.network);
                if (message.aliases != null && message.aliases.length)
                    for (let i = 0; i < message.aliases.length; ++i)
                        writer.uint32(18).string(message.aliases[i]);
                if (message.ipv4Address != null && $Object.hasOwnProperty.call(message, "ipv4Address") && message.ipv4Address !== "")
                    writer.uint32(26).string(message.ipv4Address);
                if (message.macAddress != null && $Object.hasOwnProperty.call(message, "macAddress") && message.macAddress !== "")
                    writer.uint32(34).string(message.macAddress);
                if (message.priority != null && $Object.hasOwnProperty.call(message, "priority") && message.priority !== 0)
                    writer.uint32(40).int32(message.priority);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            NetworkAttachmentSpec.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.NetworkAttachmentSpec();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.network = value;
                            else
                                delete message.network;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.aliases && message.aliases.length))
                                message.aliases = [];
                            message.aliases.push(reader.stringVerify());
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.ipv4Address = value;
                            else
                                delete message.ipv4Address;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.macAddress = value;
                            else
                                delete message.macAddress;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.priority = value;
                            else
                                delete message.priority;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            NetworkAttachmentSpec.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.NetworkAttachmentSpec)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.NetworkAttachmentSpec: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.NetworkAttachmentSpec();
                if (object.network != null)
                    if (typeof object.network !== "string" || object.network.length)
                        message.network = $String(object.network);
                if (object.aliases) {
                    if (!$Array.isArray(object.aliases))
                        throw $TypeError(".tso.v1.NetworkAttachmentSpec.aliases: array expected");
                    message.aliases = $Array(object.aliases.length);
                    for (let i = 0; i < object.aliases.length; ++i)
                        message.aliases[i] = $String(object.aliases[i]);
                }
                if (object.ipv4Address != null)
                    if (typeof object.ipv4Address !== "string" || object.ipv4Address.length)
                        message.ipv4Address = $String(object.ipv4Address);
                if (object.macAddress != null)
                    if (typeof object.macAddress !== "string" || object.macAddress.length)
                        message.macAddress = $String(object.macAddress);
                if (object.priority != null)
                    if ($Number(object.priority) !== 0)
                        message.priority = object.priority | 0;
                return message;
            };

            NetworkAttachmentSpec.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.aliases = [];
                if (options.defaults) {
                    object.network = "";
                    object.ipv4Address = "";
                    object.macAddress = "";
                    object.priority = 0;
                }
                if (message.network != null && $Object.hasOwnProperty.call(message, "network"))
                    object.network = message.network;
                if (message.aliases && message.aliases.length) {
                    object.aliases = $Array(message.aliases.length);
                    for (let j = 0; j < message.aliases.length; ++j)
                        object.aliases[j] = message.aliases[j];
                }
                if (message.ipv4Address != null && $Object.hasOwnProperty.call(message, "ipv4Address"))
                    object.ipv4Address = message.ipv4Address;
                if (message.macAddress != null && $Object.hasOwnProperty.call(message, "macAddress"))
                    object.macAddress = message.macAddress;
                if (message.priority != null && $Object.hasOwnProperty.call(message, "priority"))
                    object.priority = message.priority;
                return object;
            };

            NetworkAttachmentSpec.prototype.toJSON = function() {
                return NetworkAttachmentSpec.toObject(this, $protobuf.util.toJSONOptions);
            };

            return NetworkAttachmentSpec;
        })();

        v1.PlacementSpec = (function() {

            const PlacementSpec = function (properties) {
                this.constraints = [];
                this.spreadOver = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            PlacementSpec.prototype.constraints = $util.emptyArray;
            PlacementSpec.prototype.spreadOver = $util.emptyArray;
            PlacementSpec.prototype.maxReplicasPerNode = 0;

            PlacementSpec.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.constraints != null && message.constraints.length)
                    for (let i = 0; i < message.constraints.length; ++i)
                        writer.uint32(10).string(message.constraints[i]);
                if (message.spreadOver != null && message.spreadOver.length)
                    for (let i = 0; i < message.spreadOver.length; ++i)
                        writer.uint32(18).string(message.spreadOver[i]);
                if (message.maxReplicasPerNode != null && $Object.hasOwnProperty.call(message, "maxReplicasPerNode") && message.maxReplicasPerNode !== 0)
                    writer.uint32(24).uint32(message.maxReplicasPerNode);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            PlacementSpec.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.PlacementSpec();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if (!(message.constraints && message.constraints.length))
                                message.constraints = [];
                            message.constraints.push(reader.stringVerify());
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.spreadOver && message.spreadOver.length))
                                message.spreadOver = [];
                            message.spreadOver.push(reader.stringVerify());
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.maxReplicasPerNode = value;
                            else
                                delete message.maxReplicasPerNode;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            PlacementSpec.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.PlacementSpec)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.PlacementSpec: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.PlacementSpec();
                if (object.constraints) {
                    if (!$Array.isArray(object.constraints))
                        throw $TypeError(".tso.v1.PlacementSpec.constraints: array expected");
                    message.constraints = $Array(object.constraints.length);
                    for (let i = 0; i < object.constraints.length; ++i)
                        message.constraints[i] = $String(object.constraints[i]);
                }
                if (object.spreadOver) {
                    if (!$Array.isArray(object.spreadOver))
                        throw $TypeError(".tso.v1.PlacementSpec.spreadOver: array expected");
                    message.spreadOver = $Array(object.spreadOver.length);
                    for (let i = 0; i < object.spreadOver.length; ++i)
                        message.spreadOver[i] = $String(object.spreadOver[i]);
                }
                if (object.maxReplicasPerNode != null)
                    if ($Number(object.maxReplicasPerNode) !== 0)
                        message.maxReplicasPerNode = object.maxReplicasPerNode >>> 0;
                return message;
            };

            PlacementSpec.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults) {
                    object.constraints = [];
                    object.spreadOver = [];
                }
                if (options.defaults)
                    object.maxReplicasPerNode = 0;
                if (message.constraints && message.constraints.length) {
                    object.constraints = $Array(message.constraints.length);
                    for (let j = 0; j < message.constraints.length; ++j)
                        object.constraints[j] = message.constraints[j];
                }
                if (message.spreadOver && message.spreadOver.length) {
                    object.spreadOver = $Array(message.spreadOver.length);
                    for (let j = 0; j < message.spreadOver.length; ++j)
                        object.spreadOver[j] = message.spreadOver[j];
                }
                if (message.maxReplicasPerNode != null && $Object.hasOwnProperty.call(message, "maxReplicasPerNode"))
                    object.maxReplicasPerNode = message.maxReplicasPerNode;
                return object;
            };

            PlacementSpec.prototype.toJSON = function() {
                return PlacementSpec.toObject(this, $protobuf.util.toJSONOptions);
            };

            return PlacementSpec;
        })();

        v1.TaskSpec = (function() {

            const TaskSpec = function (properties) {
                this.networks = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            TaskSpec.prototype.container = null;
            TaskSpec.prototype.limits = null;
            TaskSpec.prototype.reservations = null;
            TaskSpec.prototype.restart = null;
            TaskSpec.prototype.placement = null;
            TaskSpec.prototype.networks = $util.emptyArray;
            TaskSpec.prototype.networkMode = "";
            TaskSpec.prototype.forceUpdate = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            TaskSpec.prototype.logMaxSizeBytes = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            TaskSpec.prototype.logMaxFiles = 0;

            TaskSpec.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.container != null && $Object.hasOwnProperty.call(message, "container"))
                    $root.tso.v1.ContainerSpec.encode(message.container, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.limits != null && $Object.hasOwnProperty.call(message, "limits"))
                    $root.tso.v1.Resources.encode(message.limits, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.reservations != null && $Object.hasOwnProperty.call(message, "reservations"))
                    $root.tso.v1.Resources.encode(message.reservations, writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.restart != null && $Object.hasOwnProperty.call(message, "restart"))
                    $root.tso.v1.RestartPolicy.encode(message.restart, writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.placement != null && $Object.hasOwnProperty.call(message, "placement"))
                    $root.tso.v1.PlacementSpec.encode(message.placement, writer.uint32(42).fork(), _depth + 1).ldelim();
                if (message.networks != null && message.networks.length)
                    for (let i = 0; i < message.networks.length; ++i)
                        $root.tso.v1.NetworkAttachmentSpec.encode(message.networks[i], writer.uint32(50).fork(), _depth + 1).ldelim();
                if (message.networkMode != null && $Object.hasOwnProperty.call(message, "networkMode") && message.networkMode !== "")
                    writer.uint32(58).string(message.networkMode);
                if (message.forceUpdate != null && $Object.hasOwnProperty.call(message, "forceUpdate") && (typeof message.forceUpdate === "object" ? message.forceUpdate.low || message.forceUpdate.high : message.forceUpdate !== 0))
                    writer.uint32(64).uint64(message.forceUpdate);
                if (message.logMaxSizeBytes != null && $Object.hasOwnProperty.call(message, "logMaxSizeBytes") && (typeof message.logMaxSizeBytes === "object" ? message.logMaxSizeBytes.low || message.logMaxSizeBytes.high : message.logMaxSizeBytes !== 0))
                    writer.uint32(72).int64(message.logMaxSizeBytes);
                if (message.logMaxFiles != null && $Object.hasOwnProperty.call(message, "logMaxFiles") && message.logMaxFiles !== 0)
                    writer.uint32(80).uint32(message.logMaxFiles);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            TaskSpec.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.TaskSpec();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.container = $root.tso.v1.ContainerSpec.decode(reader, reader.size(), $undefined, _depth + 1, message.container);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.limits = $root.tso.v1.Resources.decode(reader, reader.size(), $undefined, _depth + 1, message.limits);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.reservations = $root.tso.v1.Resources.decode(reader, reader.size(), $undefined, _depth + 1, message.reservations);
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.restart = $root.tso.v1.RestartPolicy.decode(reader, reader.size(), $undefined, _depth + 1, message.restart);
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            message.placement = $root.tso.v1.PlacementSpec.decode(reader, reader.size(), $undefined, _depth + 1, message.placement);
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if (!(message.networks && message.networks.length))
                                message.networks = [];
                            message.networks.push($root.tso.v1.NetworkAttachmentSpec.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.networkMode = value;
                            else
                                delete message.networkMode;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.forceUpdate = value;
                            else
                                delete message.forceUpdate;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.logMaxSizeBytes = value;
                            else
                                delete message.logMaxSizeBytes;
                            continue;
                        }
                    case 10: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.logMaxFiles = value;
                            else
                                delete message.logMaxFiles;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            TaskSpec.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.TaskSpec)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.TaskSpec: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.TaskSpec();
                if (object.container != null) {
                    if (!$util.isObject(object.container))
                        throw $TypeError(".tso.v1.TaskSpec.container: object expected");
                    message.container = $root.tso.v1.ContainerSpec.fromObject(object.container, _depth + 1);
                }
                if (object.limits != null) {
                    if (!$util.isObject(object.limits))
                        throw $TypeError(".tso.v1.TaskSpec.limits: object expected");
                    message.limits = $root.tso.v1.Resources.fromObject(object.limits, _depth + 1);
                }
                if (object.reservations != null) {
                    if (!$util.isObject(object.reservations))
                        throw $TypeError(".tso.v1.TaskSpec.reservations: object expected");
                    message.reservations = $root.tso.v1.Resources.fromObject(object.reservations, _depth + 1);
                }
                if (object.restart != null) {
                    if (!$util.isObject(object.restart))
                        throw $TypeError(".tso.v1.TaskSpec.restart: object expected");
                    message.restart = $root.tso.v1.RestartPolicy.fromObject(object.restart, _depth + 1);
                }
                if (object.placement != null) {
                    if (!$util.isObject(object.placement))
                        throw $TypeError(".tso.v1.TaskSpec.placement: object expected");
                    message.placement = $root.tso.v1.PlacementSpec.fromObject(object.placement, _depth + 1);
                }
                if (object.networks) {
                    if (!$Array.isArray(object.networks))
                        throw $TypeError(".tso.v1.TaskSpec.networks: array expected");
                    message.networks = $Array(object.networks.length);
                    for (let i = 0; i < object.networks.length; ++i) {
                        if (!$util.isObject(object.networks[i]))
                            throw $TypeError(".tso.v1.TaskSpec.networks: object expected");
                        message.networks[i] = $root.tso.v1.NetworkAttachmentSpec.fromObject(object.networks[i], _depth + 1);
                    }
                }
                if (object.networkMode != null)
                    if (typeof object.networkMode !== "string" || object.networkMode.length)
                        message.networkMode = $String(object.networkMode);
                if (object.forceUpdate != null)
                    if (typeof object.forceUpdate === "object" ? object.forceUpdate.low || object.forceUpdate.high : $Number(object.forceUpdate) !== 0)
                        if ($util.Long)
                            message.forceUpdate = $util.Long.fromValue(object.forceUpdate, true);
                        else if (typeof object.forceUpdate === "string")
                            message.forceUpdate = $parseInt(object.forceUpdate, 10);
                        else if (typeof object.forceUpdate === "number")
                            message.forceUpdate = object.forceUpdate;
                        else if (typeof object.forceUpdate === "object")
                            message.forceUpdate = new $util.LongBits(object.forceUpdate.low >>> 0, object.forceUpdate.high >>> 0).toNumber(true);
                if (object.logMaxSizeBytes != null)
                    if (typeof object.logMaxSizeBytes === "object" ? object.logMaxSizeBytes.low || object.logMaxSizeBytes.high : $Number(object.logMaxSizeBytes) !== 0)
                        if ($util.Long)
                            message.logMaxSizeBytes = $util.Long.fromValue(object.logMaxSizeBytes, false);
                        else if (typeof object.logMaxSizeBytes === "string")
                            message.logMaxSizeBytes = $parseInt(object.logMaxSizeBytes, 10);
                        else if (typeof object.logMaxSizeBytes === "number")
                            message.logMaxSizeBytes = object.logMaxSizeBytes;
                        else if (typeof object.logMaxSizeBytes === "object")
                            message.logMaxSizeBytes = new $util.LongBits(object.logMaxSizeBytes.low >>> 0, object.logMaxSizeBytes.high >>> 0).toNumber();
                if (object.logMaxFiles != null)
                    if ($Number(object.logMaxFiles) !== 0)
                        message.logMaxFiles = object.logMaxFiles >>> 0;
                return message;
            };

            TaskSpec.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.networks = [];
                if (options.defaults) {
                    object.container = null;
                    object.limits = null;
                    object.reservations = null;
                    object.restart = null;
                    object.placement = null;
                    object.networkMode = "";
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.forceUpdate = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.forceUpdate = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.logMaxSizeBytes = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.logMaxSizeBytes = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.logMaxFiles = 0;
                }
                if (message.container != null && $Object.hasOwnProperty.call(message, "container"))
                    object.container = $root.tso.v1.ContainerSpec.toObject(message.container, options, _depth + 1);
                if (message.limits != null && $Object.hasOwnProperty.call(message, "limits"))
                    object.limits = $root.tso.v1.Resources.toObject(message.limits, options, _depth + 1);
                if (message.reservations != null && $Object.hasOwnProperty.call(message, "reservations"))
                    object.reservations = $root.tso.v1.Resources.toObject(message.reservations, options, _depth + 1);
                if (message.restart != null && $Object.hasOwnProperty.call(message, "restart"))
                    object.restart = $root.tso.v1.RestartPolicy.toObject(message.restart, options, _depth + 1);
                if (message.placement != null && $Object.hasOwnProperty.call(message, "placement"))
                    object.placement = $root.tso.v1.PlacementSpec.toObject(message.placement, options, _depth + 1);
                if (message.networks && message.networks.length) {
                    object.networks = $Array(message.networks.length);
                    for (let j = 0; j < message.networks.length; ++j)
                        object.networks[j] = $root.tso.v1.NetworkAttachmentSpec.toObject(message.networks[j], options, _depth + 1);
                }
                if (message.networkMode != null && $Object.hasOwnProperty.call(message, "networkMode"))
                    object.networkMode = message.networkMode;
                if (message.forceUpdate != null && $Object.hasOwnProperty.call(message, "forceUpdate"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.forceUpdate = typeof message.forceUpdate === "number" ? $BigInt(message.forceUpdate) : $util.Long.fromBits(message.forceUpdate.low >>> 0, message.forceUpdate.high >>> 0, true).toBigInt();
                    else if (typeof message.forceUpdate === "number")
                        object.forceUpdate = options.longs === $String ? $String(message.forceUpdate) : message.forceUpdate;
                    else
                        object.forceUpdate = options.longs === $String ? $util.Long.prototype.toString.call(message.forceUpdate) : options.longs === $Number ? new $util.LongBits(message.forceUpdate.low >>> 0, message.forceUpdate.high >>> 0).toNumber(true) : message.forceUpdate;
                if (message.logMaxSizeBytes != null && $Object.hasOwnProperty.call(message, "logMaxSizeBytes"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.logMaxSizeBytes = typeof message.logMaxSizeBytes === "number" ? $BigInt(message.logMaxSizeBytes) : $util.Long.fromBits(message.logMaxSizeBytes.low >>> 0, message.logMaxSizeBytes.high >>> 0, false).toBigInt();
                    else if (typeof message.logMaxSizeBytes === "number")
                        object.logMaxSizeBytes = options.longs === $String ? $String(message.logMaxSizeBytes) : message.logMaxSizeBytes;
                    else
                        object.logMaxSizeBytes = options.longs === $String ? $util.Long.prototype.toString.call(message.logMaxSizeBytes) : options.longs === $Number ? new $util.LongBits(message.logMaxSizeBytes.low >>> 0, message.logMaxSizeBytes.high >>> 0).toNumber() : message.logMaxSizeBytes;
                if (message.logMaxFiles != null && $Object.hasOwnProperty.call(message, "logMaxFiles"))
                    object.logMaxFiles = message.logMaxFiles;
                return object;
            };

            TaskSpec.prototype.toJSON = function() {
                return TaskSpec.toObject(this, $protobuf.util.toJSONOptions);
            };

            return TaskSpec;
        })();

        v1.UpdateConfig = (function() {

            const UpdateConfig = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            UpdateConfig.prototype.parallelism = 0;
            UpdateConfig.prototype.delayMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            UpdateConfig.prototype.order = 0;
            UpdateConfig.prototype.monitorMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            UpdateConfig.prototype.maxFailureRatio = 0;
            UpdateConfig.prototype.failureAction = 0;

            UpdateConfig.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.parallelism != null && $Object.hasOwnProperty.call(message, "parallelism") && message.parallelism !== 0)
                    writer.uint32(8).uint32(message.parallelism);
                if (message.delayMs != null && $Object.hasOwnProperty.call(message, "delayMs") && (typeof message.delayMs === "object" ? message.delayMs.low || message.delayMs.high : message.delayMs !== 0))
                    writer.uint32(16).int64(message.delayMs);
                if (message.order != null && $Object.hasOwnProperty.call(message, "order") && message.order !== 0)
                    writer.uint32(24).int32(message.order);
                if (message.monitorMs != null && $Object.hasOwnProperty.call(message, "monitorMs") && (typeof message.monitorMs === "object" ? message.monitorMs.low || message.monitorMs.high : message.monitorMs !== 0))
                    writer.uint32(32).int64(message.monitorMs);
                if (message.maxFailureRatio != null && $Object.hasOwnProperty.call(message, "maxFailureRatio") && !$Object.is(message.maxFailureRatio, 0))
                    writer.uint32(41).double(message.maxFailureRatio);
                if (message.failureAction != null && $Object.hasOwnProperty.call(message, "failureAction") && message.failureAction !== 0)
                    writer.uint32(48).int32(message.failureAction);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            UpdateConfig.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.UpdateConfig();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.parallelism = value;
                            else
                                delete message.parallelism;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.delayMs = value;
                            else
                                delete message.delayMs;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.order = value;
                            else
                                delete message.order;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.monitorMs = value;
                            else
                                delete message.monitorMs;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.maxFailureRatio = value;
                            else
                                delete message.maxFailureRatio;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.failureAction = value;
                            else
                                delete message.failureAction;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            UpdateConfig.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.UpdateConfig)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.UpdateConfig: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.UpdateConfig();
                if (object.parallelism != null)
                    if ($Number(object.parallelism) !== 0)
                        message.parallelism = object.parallelism >>> 0;
                if (object.delayMs != null)
                    if (typeof object.delayMs === "object" ? object.delayMs.low || object.delayMs.high : $Number(object.delayMs) !== 0)
                        if ($util.Long)
                            message.delayMs = $util.Long.fromValue(object.delayMs, false);
                        else if (typeof object.delayMs === "string")
                            message.delayMs = $parseInt(object.delayMs, 10);
                        else if (typeof object.delayMs === "number")
                            message.delayMs = object.delayMs;
                        else if (typeof object.delayMs === "object")
                            message.delayMs = new $util.LongBits(object.delayMs.low >>> 0, object.delayMs.high >>> 0).toNumber();
                if (object.order !== 0 && (typeof object.order !== "string" || $root.tso.v1.UpdateOrder[object.order] !== 0))
                    switch (object.order) {
                    case "STOP_FIRST":
                    case 0:
                        message.order = 0;
                        break;
                    case "START_FIRST":
                    case 1:
                        message.order = 1;
                        break;
                    default:
                        if (typeof object.order === "number" && (object.order | 0) === object.order)
                            message.order = object.order;
                    }
                if (object.monitorMs != null)
                    if (typeof object.monitorMs === "object" ? object.monitorMs.low || object.monitorMs.high : $Number(object.monitorMs) !== 0)
                        if ($util.Long)
                            message.monitorMs = $util.Long.fromValue(object.monitorMs, false);
                        else if (typeof object.monitorMs === "string")
                            message.monitorMs = $parseInt(object.monitorMs, 10);
                        else if (typeof object.monitorMs === "number")
                            message.monitorMs = object.monitorMs;
                        else if (typeof object.monitorMs === "object")
                            message.monitorMs = new $util.LongBits(object.monitorMs.low >>> 0, object.monitorMs.high >>> 0).toNumber();
                if (object.maxFailureRatio != null)
                    if (!$Object.is($Number(object.maxFailureRatio), 0))
                        message.maxFailureRatio = $Number(object.maxFailureRatio);
                if (object.failureAction !== 0 && (typeof object.failureAction !== "string" || $root.tso.v1.UpdateFailureAction[object.failureAction] !== 0))
                    switch (object.failureAction) {
                    case "FAILURE_PAUSE":
                    case 0:
                        message.failureAction = 0;
                        break;
                    case "FAILURE_CONTINUE":
                    case 1:
                        message.failureAction = 1;
                        break;
                    case "FAILURE_ROLLBACK":
                    case 2:
                        message.failureAction = 2;
                        break;
                    default:
                        if (typeof object.failureAction === "number" && (object.failureAction | 0) === object.failureAction)
                            message.failureAction = object.failureAction;
                    }
                return message;
            };

            UpdateConfig.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.parallelism = 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.delayMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.delayMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.order = options.enums === $String ? "STOP_FIRST" : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.monitorMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.monitorMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.maxFailureRatio = 0;
                    object.failureAction = options.enums === $String ? "FAILURE_PAUSE" : 0;
                }
                if (message.parallelism != null && $Object.hasOwnProperty.call(message, "parallelism"))
                    object.parallelism = message.parallelism;
                if (message.delayMs != null && $Object.hasOwnProperty.call(message, "delayMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.delayMs = typeof message.delayMs === "number" ? $BigInt(message.delayMs) : $util.Long.fromBits(message.delayMs.low >>> 0, message.delayMs.high >>> 0, false).toBigInt();
                    else if (typeof message.delayMs === "number")
                        object.delayMs = options.longs === $String ? $String(message.delayMs) : message.delayMs;
                    else
                        object.delayMs = options.longs === $String ? $util.Long.prototype.toString.call(message.delayMs) : options.longs === $Number ? new $util.LongBits(message.delayMs.low >>> 0, message.delayMs.high >>> 0).toNumber() : message.delayMs;
                if (message.order != null && $Object.hasOwnProperty.call(message, "order"))
                    object.order = options.enums === $String ? $root.tso.v1.UpdateOrder[message.order] === $undefined ? message.order : $root.tso.v1.UpdateOrder[message.order] : message.order;
                if (message.monitorMs != null && $Object.hasOwnProperty.call(message, "monitorMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.monitorMs = typeof message.monitorMs === "number" ? $BigInt(message.monitorMs) : $util.Long.fromBits(message.monitorMs.low >>> 0, message.monitorMs.high >>> 0, false).toBigInt();
                    else if (typeof message.monitorMs === "number")
                        object.monitorMs = options.longs === $String ? $String(message.monitorMs) : message.monitorMs;
                    else
                        object.monitorMs = options.longs === $String ? $util.Long.prototype.toString.call(message.monitorMs) : options.longs === $Number ? new $util.LongBits(message.monitorMs.low >>> 0, message.monitorMs.high >>> 0).toNumber() : message.monitorMs;
                if (message.maxFailureRatio != null && $Object.hasOwnProperty.call(message, "maxFailureRatio"))
                    object.maxFailureRatio = options.json && !$isFinite(message.maxFailureRatio) ? $String(message.maxFailureRatio) : message.maxFailureRatio;
                if (message.failureAction != null && $Object.hasOwnProperty.call(message, "failureAction"))
                    object.failureAction = options.enums === $String ? $root.tso.v1.UpdateFailureAction[message.failureAction] === $undefined ? message.failureAction : $root.tso.v1.UpdateFailureAction[message.failureAction] : message.failureAction;
                return object;
            };

            UpdateConfig.prototype.toJSON = function() {
                return UpdateConfig.toObject(this, $protobuf.util.toJSONOptions);
            };

            return UpdateConfig;
        })();

        v1.DependsOn = (function() {

            const DependsOn = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            DependsOn.prototype.service = "";
            DependsOn.prototype.condition = "";
            DependsOn.prototype.required = false;
            DependsOn.prototype.restart = false;

            DependsOn.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.service != null && $Object.hasOwnProperty.call(message, "service") && message.service !== "")
                    writer.uint32(10).string(message.service);
                if (message.condition != null && $Object.hasOwnProperty.call(message, "condition") && message.condition !== "")
                    writer.uint32(18).string(message.condition);
                if (message.required != null && $Object.hasOwnProperty.call(message, "required") && message.required !== false)
                    writer.uint32(24).bool(message.required);
                if (message.restart != null && $Object.hasOwnProperty.call(message, "restart") && message.restart !== false)
                    writer.uint32(32).bool(message.restart);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            DependsOn.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.DependsOn();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.service = value;
                            else
                                delete message.service;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.condition = value;
                            else
                                delete message.condition;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.required = value;
                            else
                                delete message.required;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.restart = value;
                            else
                                delete message.restart;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            DependsOn.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.DependsOn)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.DependsOn: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.DependsOn();
                if (object.service != null)
                    if (typeof object.service !== "string" || object.service.length)
                        message.service = $String(object.service);
                if (object.condition != null)
                    if (typeof object.condition !== "string" || object.condition.length)
                        message.condition = $String(object.condition);
                if (object.required != null)
                    if (object.required)
                        message.required = $Boolean(object.required);
                if (object.restart != null)
                    if (object.restart)
                        message.restart = $Boolean(object.restart);
                return message;
            };

            DependsOn.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.service = "";
                    object.condition = "";
                    object.required = false;
                    object.restart = false;
                }
                if (message.service != null && $Object.hasOwnProperty.call(message, "service"))
                    object.service = message.service;
                if (message.condition != null && $Object.hasOwnProperty.call(message, "condition"))
                    object.condition = message.condition;
                if (message.required != null && $Object.hasOwnProperty.call(message, "required"))
                    object.required = message.required;
                if (message.restart != null && $Object.hasOwnProperty.call(message, "restart"))
                    object.restart = message.restart;
                return object;
            };

            DependsOn.prototype.toJSON = function() {
                return DependsOn.toObject(this, $protobuf.util.toJSONOptions);
            };

            return DependsOn;
        })();

        v1.ServiceSpec = (function() {

            const ServiceSpec = function (properties) {
                this.labels = {};
                this.ports = [];
                this.dependsOn = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ServiceSpec.prototype.name = "";
            ServiceSpec.prototype.labels = $util.emptyObject;
            ServiceSpec.prototype.task = null;
            ServiceSpec.prototype.mode = 0;
            ServiceSpec.prototype.replicas = 0;
            ServiceSpec.prototype.update = null;
            ServiceSpec.prototype.rollback = null;
            ServiceSpec.prototype.ports = $util.emptyArray;
            ServiceSpec.prototype.endpointMode = 0;
            ServiceSpec.prototype.dependsOn = $util.emptyArray;

            ServiceSpec.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(10).string(message.name);
                if (message.labels != null && $Object.hasOwnProperty.call(message, "labels"))
                    for (let keys = $Object.keys(message.labels), i = 0; i < keys.length; ++i)
                        writer.uint32(18).fork().uint32(10).string(keys[i]).uint32(18).string(message.labels[keys[i]]).ldelim();
                if (message.task != null && $Object.hasOwnProperty.call(message, "task"))
                    $root.tso.v1.TaskSpec.encode(message.task, writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.mode != null && $Object.hasOwnProperty.call(message, "mode") && message.mode !== 0)
                    writer.uint32(32).int32(message.mode);
                if (message.replicas != null && $Object.hasOwnProperty.call(message, "replicas") && message.replicas !== 0)
                    writer.uint32(40).uint32(message.replicas);
                if (message.update != null && $Object.hasOwnProperty.call(message, "update"))
                    $root.tso.v1.UpdateConfig.encode(message.update, writer.uint32(50).fork(), _depth + 1).ldelim();
                if (message.rollback != null && $Object.hasOwnProperty.call(message, "rollback"))
                    $root.tso.v1.UpdateConfig.encode(message.rollback, writer.uint32(58).fork(), _depth + 1).ldelim();
                if (message.ports != null && message.ports.length)
                    for (let i = 0; i < message.ports.length; ++i)
                        $root.tso.v1.PortConfig.encode(message.ports[i], writer.uint32(66).fork(), _depth + 1).ldelim();
                if (message.endpointMode != null && $Object.hasOwnProperty.call(message, "endpointMode") && message.endpointMode !== 0)
                    writer.uint32(72).int32(message.endpointMode);
                if (message.dependsOn != null && message.dependsOn.length)
                    for (let i = 0; i < message.dependsOn.length; ++i)
                        $root.tso.v1.DependsOn.encode(message.dependsOn[i], writer.uint32(82).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ServiceSpec.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, key, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ServiceSpec();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (message.labels === $util.emptyObject)
                                message.labels = {};
                            let end2 = reader.size() + reader.pos;
                            if (end2 > reader.len)
                                throw $RangeError("index out of range");
                            reader.len = end2;
                            key = "";
                            value = "";
                            while (reader.pos < end2) {
                                let tag2 = reader.tag();
                                wireType = tag2 & 7;
                                switch (tag2 >>>= 3) {
                                case 1:
                                    if (wireType !== 2)
                                        break;
                                    key = reader.stringVerify();
                                    continue;
                                case 2:
                                    if (wireType !== 2)
                                        break;
                                    value = reader.stringVerify();
                                    continue;
                                }
                                reader.skipType(wireType, _depth, tag2);
                            }
                            if (reader.pos !== end2)
                                throw $RangeError("index out of range");
                            reader.len = end;
                            if (key === "__proto__")
                                $util.makeProp(message.labels, key);
                            message.labels[key] = value;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.task = $root.tso.v1.TaskSpec.decode(reader, reader.size(), $undefined, _depth + 1, message.task);
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.mode = value;
                            else
                                delete message.mode;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.replicas = value;
                            else
                                delete message.replicas;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            message.update = $root.tso.v1.UpdateConfig.decode(reader, reader.size(), $undefined, _depth + 1, message.update);
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            message.rollback = $root.tso.v1.UpdateConfig.decode(reader, reader.size(), $undefined, _depth + 1, message.rollback);
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            if (!(message.ports && message.ports.length))
                                message.ports = [];
                            message.ports.push($root.tso.v1.PortConfig.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 9: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.endpointMode = value;
                            else
                                delete message.endpointMode;
                            continue;
                        }
                    case 10: {
                            if (wireType !== 2)
                                break;
                            if (!(message.dependsOn && message.dependsOn.length))
                                message.dependsOn = [];
                            message.dependsOn.push($root.tso.v1.DependsOn.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ServiceSpec.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ServiceSpec)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ServiceSpec: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ServiceSpec();
                if (object.name != null)
                    if (typeof object.name !== "string" || object.name.length)
                        message.name = $String(object.name);
                if (object.labels) {
                    if (!$util.isObject(object.labels))
                        throw $TypeError(".tso.v1.ServiceSpec.labels: object expected");
                    message.labels = {};
                    for (let keys = $Object.keys(object.labels), i = 0; i < keys.length; ++i) {
                        if (keys[i] === "__proto__")
                            $util.makeProp(message.labels, keys[i]);
                        message.labels[keys[i]] = $String(object.labels[keys[i]]);
                    }
                }
                if (object.task != null) {
                    if (!$util.isObject(object.task))
                        throw $TypeError(".tso.v1.ServiceSpec.task: object expected");
                    message.task = $root.tso.v1.TaskSpec.fromObject(object.task, _depth + 1);
                }
                if (object.mode !== 0 && (typeof object.mode !== "string" || $root.tso.v1.ServiceMode[object.mode] !== 0))
                    switch (object.mode) {
                    case "REPLICATED":
                    case 0:
                        message.mode = 0;
                        break;
                    case "GLOBAL":
                    case 1:
                        message.mode = 1;
                        break;
                    default:
                        if (typeof object.mode === "number" && (object.mode | 0) === object.mode)
                            message.mode = object.mode;
                    }
                if (object.replicas != null)
                    if ($Number(object.replicas) !== 0)
                        message.replicas = object.replicas >>> 0;
                if (object.update != null) {
                    if (!$util.isObject(object.update))
                        throw $TypeError(".tso.v1.ServiceSpec.update: object expected");
                    message.update = $root.tso.v1.UpdateConfig.fromObject(object.update, _depth + 1);
                }
                if (object.rollback != null) {
                    if (!$util.isObject(object.rollback))
                        throw $TypeError(".tso.v1.ServiceSpec.rollback: object expected");
                    message.rollback = $root.tso.v1.UpdateConfig.fromObject(object.rollback, _depth + 1);
                }
                if (object.ports) {
                    if (!$Array.isArray(object.ports))
                        throw $TypeError(".tso.v1.ServiceSpec.ports: array expected");
                    message.ports = $Array(object.ports.length);
                    for (let i = 0; i < object.ports.length; ++i) {
                        if (!$util.isObject(object.ports[i]))
                            throw $TypeError(".tso.v1.ServiceSpec.ports: object expected");
                        message.ports[i] = $root.tso.v1.PortConfig.fromObject(object.ports[i], _depth + 1);
                    }
                }
                if (object.endpointMode !== 0 && (typeof object.endpointMode !== "string" || $root.tso.v1.EndpointMode[object.endpointMode] !== 0))
                    switch (object.endpointMode) {
                    case "VIP":
                    case 0:
                        message.endpointMode = 0;
                        break;
                    case "DNSRR":
                    case 1:
                        message.endpointMode = 1;
                        break;
                    default:
                        if (typeof object.endpointMode === "number" && (object.endpointMode | 0) === object.endpointMode)
                            message.endpointMode = object.endpointMode;
                    }
                if (object.dependsOn) {
                    if (!$Array.isArray(object.dependsOn))
                        throw $TypeError(".tso.v1.ServiceSpec.dependsOn: array expected");
                    message.dependsOn = $Array(object.dependsOn.length);
                    for (let i = 0; i < object.dependsOn.length; ++i) {
                        if (!$util.isObject(object.dependsOn[i]))
                            throw $TypeError(".tso.v1.ServiceSpec.dependsOn: object expected");
                        message.dependsOn[i] = $root.tso.v1.DependsOn.fromObject(object.dependsOn[i], _depth + 1);
                    }
                }
                return message;
            };

            ServiceSpec.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults) {
                    object.ports = [];
                    object.dependsOn = [];
                }
                if (options.objects || options.defaults)
                    object.labels = {};
                if (options.defaults) {
                    object.name = "";
                    object.task = null;
                    object.mode = options.enums === $String ? "REPLICATED" : 0;
                    object.replicas = 0;
                    object.update = null;
                    object.rollback = null;
                    object.endpointMode = options.enums === $String ? "VIP" : 0;
                }
                if (message.name != null && $Object.hasOwnProperty.call(message, "name"))
                    object.name = message.name;
                let keys2;
                if (message.labels && (keys2 = $Object.keys(message.labels)).length) {
                    object.labels = {};
                    for (let j = 0; j < keys2.length; ++j) {
                        if (keys2[j] === "__proto__")
                            $util.makeProp(object.labels, keys2[j]);
                        object.labels[keys2[j]] = message.labels[keys2[j]];
                    }
                }
                if (message.task != null && $Object.hasOwnProperty.call(message, "task"))
                    object.task = $root.tso.v1.TaskSpec.toObject(message.task, options, _depth + 1);
                if (message.mode != null && $Object.hasOwnProperty.call(message, "mode"))
                    object.mode = options.enums === $String ? $root.tso.v1.ServiceMode[message.mode] === $undefined ? message.mode : $root.tso.v1.ServiceMode[message.mode] : message.mode;
                if (message.replicas != null && $Object.hasOwnProperty.call(message, "replicas"))
                    object.replicas = message.replicas;
                if (message.update != null && $Object.hasOwnProperty.call(message, "update"))
                    object.update = $root.tso.v1.UpdateConfig.toObject(message.update, options, _depth + 1);
                if (message.rollback != null && $Object.hasOwnProperty.call(message, "rollback"))
                    object.rollback = $root.tso.v1.UpdateConfig.toObject(message.rollback, options, _depth + 1);
                if (message.ports && message.ports.length) {
                    object.ports = $Array(message.ports.length);
                    for (let j = 0; j < message.ports.length; ++j)
                        object.ports[j] = $root.tso.v1.PortConfig.toObject(message.ports[j], options, _depth + 1);
                }
                if (message.endpointMode != null && $Object.hasOwnProperty.call(message, "endpointMode"))
                    object.endpointMode = options.enums === $String ? $root.tso.v1.EndpointMode[message.endpointMode] === $undefined ? message.endpointMode : $root.tso.v1.EndpointMode[message.endpointMode] : message.endpointMode;
                if (message.dependsOn && message.dependsOn.length) {
                    object.dependsOn = $Array(message.dependsOn.length);
                    for (let j = 0; j < message.dependsOn.length; ++j)
                        object.dependsOn[j] = $root.tso.v1.DependsOn.toObject(message.dependsOn[j], options, _depth + 1);
                }
                return object;
            };

            ServiceSpec.prototype.toJSON = function() {
                return ServiceSpec.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ServiceSpec;
        })();

        v1.NetworkSpec = (function() {

            const NetworkSpec = function (properties) {
                this.labels = {};
                this.driverOpts = {};
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            NetworkSpec.prototype.name = "";
            NetworkSpec.prototype.driver = "";
            NetworkSpec.prototype.internal = false;
            NetworkSpec.prototype.external = false;
            NetworkSpec.prototype.attachable = false;
            NetworkSpec.prototype.subnet = "";
            NetworkSpec.prototype.gateway = "";
            NetworkSpec.prototype.labels = $util.emptyObject;
            NetworkSpec.prototype.driverOpts = $util.emptyObject;

            NetworkSpec.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(10).string(message.name);
                if (message.driver != null && $Object.hasOwnProperty.call(message, "driver") && message.driver !== "")
                    writer.uint32(18).string(message.driver);
                if (message.internal != null && $Object.hasOwnProperty.call(message, "internal") && message.internal !== false)
                    writer.uint32(24).bool(message.internal);
                if (message.external != null && $Object.hasOwnProperty.call(message, "external") && message.external !== false)
                    writer.uint32(32).bool(message.external);
                if (message.attachable != null && $Object.hasOwnProperty.call(message, "attachable") && message.attachable !== false)
                    writer.uint32(40).bool(message.attachable);
                if (message.subnet != null && $Object.hasOwnProperty.call(message, "subnet") && message.subnet !== "")
                    writer.uint32(50).string(message.subnet);
                if (message.gateway != null && $Object.hasOwnProperty.call(message, "gateway") && message.gateway !== "")
                    writer.uint32(58).string(message.gateway);
                if (message.labels != null && $Object.hasOwnProperty.call(message, "labels"))
                    for (let keys = $Object.keys(message.labels), i = 0; i < keys.length; ++i)
                        writer.uint32(66).fork().uint32(10).string(keys[i]).uint32(18).string(message.labels[keys[i]]).ldelim();
                if (message.driverOpts != null && $Object.hasOwnProperty.call(message, "driverOpts"))
                    for (let keys = $Object.keys(message.driverOpts), i = 0; i < keys.length; ++i)
                        writer.uint32(74).fork().uint32(10).string(keys[i]).uint32(18).string(message.driverOpts[keys[i]]).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            NetworkSpec.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, key, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.NetworkSpec();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.driver = value;
                            else
                                delete message.driver;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.internal = value;
                            else
                                delete message.internal;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.external = value;
                            else
                                delete message.external;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.attachable = value;
                            else
                                delete message.attachable;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.subnet = value;
                            else
                                delete message.subnet;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.gateway = value;
                            else
                                delete message.gateway;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            if (message.labels === $util.emptyObject)
                                message.labels = {};
                            let end2 = reader.size() + reader.pos;
                            if (end2 > reader.len)
                                throw $RangeError("index out of range");
                            reader.len = end2;
                            key = "";
                            value = "";
                            while (reader.pos < end2) {
                                let tag2 = reader.tag();
                                wireType = tag2 & 7;
                                switch (tag2 >>>= 3) {
                                case 1:
                                    if (wireType !== 2)
                                        break;
                                    key = reader.stringVerify();
                                    continue;
                                case 2:
                                    if (wireType !== 2)
                                        break;
                                    value = reader.stringVerify();
                                    continue;
                                }
                                reader.skipType(wireType, _depth, tag2);
                            }
                            if (reader.pos !== end2)
                                throw $RangeError("index out of range");
                            reader.len = end;
                            if (key === "__proto__")
                                $util.makeProp(message.labels, key);
                            message.labels[key] = value;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            if (message.driverOpts === $util.emptyObject)
                                message.driverOpts = {};
                            let end2 = reader.size() + reader.pos;
                            if (end2 > reader.len)
                                throw $RangeError("index out of range");
                            reader.len = end2;
                            key = "";
                            value = "";
                            while (reader.pos < end2) {
                                let tag2 = reader.tag();
                                wireType = tag2 & 7;
                                switch (tag2 >>>= 3) {
                                case 1:
                                    if (wireType !== 2)
                                        break;
                                    key = reader.stringVerify();
                                    continue;
                                case 2:
                                    if (wireType !== 2)
                                        break;
                                    value = reader.stringVerify();
                                    continue;
                                }
                                reader.skipType(wireType, _depth, tag2);
                            }
                            if (reader.pos !== end2)
                                throw $RangeError("index out of range");
                            reader.len = end;
                            if (key === "__proto__")
                                $util.makeProp(message.driverOpts, key);
                            message.driverOpts[key] = value;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            NetworkSpec.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.NetworkSpec)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.NetworkSpec: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.NetworkSpec();
                if (object.name != null)
                    if (typeof object.name !== "string" || object.name.length)
                        message.name = $String(object.name);
                if (object.driver != null)
                    if (typeof object.driver !== "string" || object.driver.length)
                        message.driver = $String(object.driver);
                if (object.internal != null)
                    if (object.internal)
                        message.internal = $Boolean(object.internal);
                if (object.external != null)
                    if (object.external)
                        message.external = $Boolean(object.external);
                if (object.attachable != null)
                    if (object.attachable)
                        message.attachable = $Boolean(object.attachable);
                if (object.subnet != null)
                    if (typeof object.subnet !== "string" || object.subnet.length)
                        message.subnet = $String(object.subnet);
                if (object.gateway != null)
                    if (typeof object.gateway !== "string" || object.gateway.length)
                        message.gateway = $String(object.gateway);
                if (object.labels) {
                    if (!$util.isObject(object.labels))
                        throw $TypeError(".tso.v1.NetworkSpec.labels: object expected");
                    message.labels = {};
                    for (let keys = $Object.keys(object.labels), i = 0; i < keys.length; ++i) {
                        if (keys[i] === "__proto__")
                            $util.makeProp(message.labels, keys[i]);
                        message.labels[keys[i]] = $String(object.labels[keys[i]]);
                    }
                }
                if (object.driverOpts) {
                    if (!$util.isObject(object.driverOpts))
                        throw $TypeError(".tso.v1.NetworkSpec.driverOpts: object expected");
                    message.driverOpts = {};
                    for (let keys = $Object.keys(object.driverOpts), i = 0; i < keys.length; ++i) {
                        if (keys[i] === "__proto__")
                            $util.makeProp(message.driverOpts, keys[i]);
                        message.driverOpts[keys[i]] = $String(object.driverOpts[keys[i]]);
                    }
                }
                return message;
            };

            NetworkSpec.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.objects || options.defaults) {
                    object.labels = {};
                    object.driverOpts = {};
                }
                if (options.defaults) {
                    object.name = "";
                    object.driver = "";
                    object.internal = false;
                    object.external = false;
                    object.attachable = false;
                    object.subnet = "";
                    object.gateway = "";
                }
                if (message.name != null && $Object.hasOwnProperty.call(message, "name"))
                    object.name = message.name;
                if (message.driver != null && $Object.hasOwnProperty.call(message, "driver"))
                    object.driver = message.driver;
                if (message.internal != null && $Object.hasOwnProperty.call(message, "internal"))
                    object.internal = message.internal;
                if (message.external != null && $Object.hasOwnProperty.call(message, "external"))
                    object.external = message.external;
                if (message.attachable != null && $Object.hasOwnProperty.call(message, "attachable"))
                    object.attachable = message.attachable;
                if (message.subnet != null && $Object.hasOwnProperty.call(message, "subnet"))
                    object.subnet = message.subnet;
                if (message.gateway != null && $Object.hasOwnProperty.call(message, "gateway"))
                    object.gateway = message.gateway;
                let keys2;
                if (message.labels && (keys2 = $Object.keys(message.labels)).length) {
                    object.labels = {};
                    for (let j = 0; j < keys2.length; ++j) {
                        if (keys2[j] === "__proto__")
                            $util.makeProp(object.labels, keys2[j]);
                        object.labels[keys2[j]] = message.labels[keys2[j]];
                    }
                }
                if (message.driverOpts && (keys2 = $Object.keys(message.driverOpts)).length) {
                    object.driverOpts = {};
                    for (let j = 0; j < keys2.length; ++j) {
                        if (keys2[j] === "__proto__")
                            $util.makeProp(object.driverOpts, keys2[j]);
                        object.driverOpts[keys2[j]] = message.driverOpts[keys2[j]];
                    }
                }
                return object;
            };

            NetworkSpec.prototype.toJSON = function() {
                return NetworkSpec.toObject(this, $protobuf.util.toJSONOptions);
            };

            return NetworkSpec;
        })();

        v1.VolumeSpec = (function() {

            const VolumeSpec = function (properties) {
                this.labels = {};
                this.driverOpts = {};
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            VolumeSpec.prototype.name = "";
            VolumeSpec.prototype.driver = "";
            VolumeSpec.prototype.external = false;
            VolumeSpec.prototype.labels = $util.emptyObject;
            VolumeSpec.prototype.driverOpts = $util.emptyObject;

            VolumeSpec.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(10).string(message.name);
                if (message.driver != null && $Object.hasOwnProperty.call(message, "driver") && message.driver !== "")
                    writer.uint32(18).string(message.driver);
                if (message.external != null && $Object.hasOwnProperty.call(message, "external") && message.external !== false)
                    writer.uint32(24).bool(message.external);
                if (message.labels != null && $Object.hasOwnProperty.call(message, "labels"))
                    for (let keys = $Object.keys(message.labels), i = 0; i < keys.length; ++i)
                        writer.uint32(34).fork().uint32(10).string(keys[i]).uint32(18).string(message.labels[keys[i]]).ldelim();
                if (message.driverOpts != null && $Object.hasOwnProperty.call(message, "driverOpts"))
                    for (let keys = $Object.keys(message.driverOpts), i = 0; i < keys.length; ++i)
                        writer.uint32(42).fork().uint32(10).string(keys[i]).uint32(18).string(message.driverOpts[keys[i]]).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            VolumeSpec.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, key, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.VolumeSpec();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.driver = value;
                            else
                                delete message.driver;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.external = value;
                            else
                                delete message.external;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if (message.labels === $util.emptyObject)
                                message.labels = {};
                            let end2 = reader.size() + reader.pos;
                            if (end2 > reader.len)
                                throw $RangeError("index out of range");
                            reader.len = end2;
                            key = "";
                            value = "";
                            while (reader.pos < end2) {
                                let tag2 = reader.tag();
                                wireType = tag2 & 7;
                                switch (tag2 >>>= 3) {
                                case 1:
                                    if (wireType !== 2)
                                        break;
                                    key = reader.stringVerify();
                                    continue;
                                case 2:
                                    if (wireType !== 2)
                                        break;
                                    value = reader.stringVerify();
                                    continue;
                                }
                                reader.skipType(wireType, _depth, tag2);
                            }
                            if (reader.pos !== end2)
                                throw $RangeError("index out of range");
                            reader.len = end;
                            if (key === "__proto__")
                                $util.makeProp(message.labels, key);
                            message.labels[key] = value;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (message.driverOpts === $util.emptyObject)
                                message.driverOpts = {};
                            let end2 = reader.size() + reader.pos;
                            if (end2 > reader.len)
                                throw $RangeError("index out of range");
                            reader.len = end2;
                            key = "";
                            value = "";
                            while (reader.pos < end2) {
                                let tag2 = reader.tag();
                                wireType = tag2 & 7;
                                switch (tag2 >>>= 3) {
                                case 1:
                                    if (wireType !== 2)
                                        break;
                                    key = reader.stringVerify();
                                    continue;
                                case 2:
                                    if (wireType !== 2)
                                        break;
                                    value = reader.stringVerify();
                                    continue;
                                }
                                reader.skipType(wireType, _depth, tag2);
                            }
                            if (reader.pos !== end2)
                                throw $RangeError("index out of range");
                            reader.len = end;
                            if (key === "__proto__")
                                $util.makeProp(message.driverOpts, key);
                            message.driverOpts[key] = value;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            VolumeSpec.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.VolumeSpec)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.VolumeSpec: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.VolumeSpec();
                if (object.name != null)
                    if (typeof object.name !== "string" || object.name.length)
                        message.name = $String(object.name);
                if (object.driver != null)
                    if (typeof object.driver !== "string" || object.driver.length)
                        message.driver = $String(object.driver);
                if (object.external != null)
                    if (object.external)
                        message.external = $Boolean(object.external);
                if (object.labels) {
                    if (!$util.isObject(object.labels))
                        throw $TypeError(".tso.v1.VolumeSpec.labels: object expected");
                    message.labels = {};
                    for (let keys = $Object.keys(object.labels), i = 0; i < keys.length; ++i) {
                        if (keys[i] === "__proto__")
                            $util.makeProp(message.labels, keys[i]);
                        message.labels[keys[i]] = $String(object.labels[keys[i]]);
                    }
                }
                if (object.driverOpts) {
                    if (!$util.isObject(object.driverOpts))
                        throw $TypeError(".tso.v1.VolumeSpec.driverOpts: object expected");
                    message.driverOpts = {};
                    for (let keys = $Object.keys(object.driverOpts), i = 0; i < keys.length; ++i) {
                        if (keys[i] === "__proto__")
                            $util.makeProp(message.driverOpts, keys[i]);
                        message.driverOpts[keys[i]] = $String(object.driverOpts[keys[i]]);
                    }
                }
                return message;
            };

            VolumeSpec.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.objects || options.defaults) {
                    object.labels = {};
                    object.driverOpts = {};
                }
                if (options.defaults) {
                    object.name = "";
                    object.driver = "";
                    object.external = false;
                }
                if (message.name != null && $Object.hasOwnProperty.call(message, "name"))
                    object.name = message.name;
                if (message.driver != null && $Object.hasOwnProperty.call(message, "driver"))
                    object.driver = message.driver;
                if (message.external != null && $Object.hasOwnProperty.call(message, "external"))
                    object.external = message.external;
                let keys2;
                if (message.labels && (keys2 = $Object.keys(message.labels)).length) {
                    object.labels = {};
                    for (let j = 0; j < keys2.length; ++j) {
                        if (keys2[j] === "__proto__")
                            $util.makeProp(object.labels, keys2[j]);
                        object.labels[keys2[j]] = message.labels[keys2[j]];
                    }
                }
                if (message.driverOpts && (keys2 = $Object.keys(message.driverOpts)).length) {
                    object.driverOpts = {};
                    for (let j = 0; j < keys2.length; ++j) {
                        if (keys2[j] === "__proto__")
                            $util.makeProp(object.driverOpts, keys2[j]);
                        object.driverOpts[keys2[j]] = message.driverOpts[keys2[j]];
                    }
                }
                return object;
            };

            VolumeSpec.prototype.toJSON = function() {
                return VolumeSpec.toObject(this, $protobuf.util.toJSONOptions);
            };

            return VolumeSpec;
        })();

        v1.StackSpec = (function() {

            const StackSpec = function (properties) {
                this.services = [];
                this.networks = [];
                this.volumes = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            StackSpec.prototype.name = "";
            StackSpec.prototype.services = $util.emptyArray;
            StackSpec.prototype.networks = $util.emptyArray;
            StackSpec.prototype.volumes = $util.emptyArray;

            StackSpec.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(10).string(message.name);
                if (message.services != null && message.services.length)
                    for (let i = 0; i < message.services.length; ++i)
                        $root.tso.v1.ServiceSpec.encode(message.services[i], writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.networks != null && message.networks.length)
                    for (let i = 0; i < message.networks.length; ++i)
                        $root.tso.v1.NetworkSpec.encode(message.networks[i], writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.volumes != null && message.volumes.length)
                    for (let i = 0; i < message.volumes.length; ++i)
                        $root.tso.v1.VolumeSpec.encode(message.volumes[i], writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            StackSpec.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.StackSpec();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.services && message.services.length))
                                message.services = [];
                            message.services.push($root.tso.v1.ServiceSpec.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.networks && message.networks.length))
                                message.networks = [];
                            message.networks.push($root.tso.v1.NetworkSpec.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if (!(message.volumes && message.volumes.length))
                                message.volumes = [];
                            message.volumes.push($root.tso.v1.VolumeSpec.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            StackSpec.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.StackSpec)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.StackSpec: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.StackSpec();
                if (object.name != null)
                    if (typeof object.name !== "string" || object.name.length)
                        message.name = $String(object.name);
                if (object.services) {
                    if (!$Array.isArray(object.services))
                        throw $TypeError(".tso.v1.StackSpec.services: array expected");
                    message.services = $Array(object.services.length);
                    for (let i = 0; i < object.services.length; ++i) {
                        if (!$util.isObject(object.services[i]))
                            throw $TypeError(".tso.v1.StackSpec.services: object expected");
                        message.services[i] = $root.tso.v1.ServiceSpec.fromObject(object.services[i], _depth + 1);
                    }
                }
                if (object.networks) {
                    if (!$Array.isArray(object.networks))
                        throw $TypeError(".tso.v1.StackSpec.networks: array expected");
                    message.networks = $Array(object.networks.length);
                    for (let i = 0; i < object.networks.length; ++i) {
                        if (!$util.isObject(object.networks[i]))
                            throw $TypeError(".tso.v1.StackSpec.networks: object expected");
                        message.networks[i] = $root.tso.v1.NetworkSpec.fromObject(object.networks[i], _depth + 1);
                    }
                }
                if (object.volumes) {
                    if (!$Array.isArray(object.volumes))
                        throw $TypeError(".tso.v1.StackSpec.volumes: array expected");
                    message.volumes = $Array(object.volumes.length);
                    for (let i = 0; i < object.volumes.length; ++i) {
                        if (!$util.isObject(object.volumes[i]))
                            throw $TypeError(".tso.v1.StackSpec.volumes: object expected");
                        message.volumes[i] = $root.tso.v1.VolumeSpec.fromObject(object.volumes[i], _depth + 1);
                    }
                }
                return message;
            };

            StackSpec.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults) {
                    object.services = [];
                    object.networks = [];
                    object.volumes = [];
                }
                if (options.defaults)
                    object.name = "";
                if (message.name != null && $Object.hasOwnProperty.call(message, "name"))
                    object.name = message.name;
                if (message.services && message.services.length) {
                    object.services = $Array(message.services.length);
                    for (let j = 0; j < message.services.length; ++j)
                        object.services[j] = $root.tso.v1.ServiceSpec.toObject(message.services[j], options, _depth + 1);
                }
                if (message.networks && message.networks.length) {
                    object.networks = $Array(message.networks.length);
                    for (let j = 0; j < message.networks.length; ++j)
                        object.networks[j] = $root.tso.v1.NetworkSpec.toObject(message.networks[j], options, _depth + 1);
                }
                if (message.volumes && message.volumes.length) {
                    object.volumes = $Array(message.volumes.length);
                    for (let j = 0; j < message.volumes.length; ++j)
                        object.volumes[j] = $root.tso.v1.VolumeSpec.toObject(message.volumes[j], options, _depth + 1);
                }
                return object;
            };

            StackSpec.prototype.toJSON = function() {
                return StackSpec.toObject(this, $protobuf.util.toJSONOptions);
            };

            return StackSpec;
        })();

        v1.Cluster = (function() {

            const Cluster = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Cluster.prototype.id = "";
            Cluster.prototype.meta = null;
            Cluster.prototype.addressPool = "";
            Cluster.prototype.subnetPrefix = 0;
            Cluster.prototype.firstVni = 0;
            Cluster.prototype.vxlanPort = 0;

            Cluster.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(10).string(message.id);
                if (message.meta != null && $Object.hasOwnProperty.call(message, "meta"))
                    $root.tso.v1.Meta.encode(message.meta, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.addressPool != null && $Object.hasOwnProperty.call(message, "addressPool") && message.addressPool !== "")
                    writer.uint32(26).string(message.addressPool);
                if (message.subnetPrefix != null && $Object.hasOwnProperty.call(message, "subnetPrefix") && message.subnetPrefix !== 0)
                    writer.uint32(32).uint32(message.subnetPrefix);
                if (message.firstVni != null && $Object.hasOwnProperty.call(message, "firstVni") && message.firstVni !== 0)
                    writer.uint32(40).uint32(message.firstVni);
                if (message.vxlanPort != null && $Object.hasOwnProperty.call(message, "vxlanPort") && message.vxlanPort !== 0)
                    writer.uint32(48).uint32(message.vxlanPort);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Cluster.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.Cluster();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.meta = $root.tso.v1.Meta.decode(reader, reader.size(), $undefined, _depth + 1, message.meta);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.addressPool = value;
                            else
                                delete message.addressPool;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.subnetPrefix = value;
                            else
                                delete message.subnetPrefix;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.firstVni = value;
                            else
                                delete message.firstVni;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.vxlanPort = value;
                            else
                                delete message.vxlanPort;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            Cluster.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.Cluster)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.Cluster: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.Cluster();
                if (object.id != null)
                    if (typeof object.id !== "string" || object.id.length)
                        message.id = $String(object.id);
                if (object.meta != null) {
                    if (!$util.isObject(object.meta))
                        throw $TypeError(".tso.v1.Cluster.meta: object expected");
                    message.meta = $root.tso.v1.Meta.fromObject(object.meta, _depth + 1);
                }
                if (object.addressPool != null)
                    if (typeof object.addressPool !== "string" || object.addressPool.length)
                        message.addressPool = $String(object.addressPool);
                if (object.subnetPrefix != null)
                    if ($Number(object.subnetPrefix) !== 0)
                        message.subnetPrefix = object.subnetPrefix >>> 0;
                if (object.firstVni != null)
                    if ($Number(object.firstVni) !== 0)
                        message.firstVni = object.firstVni >>> 0;
                if (object.vxlanPort != null)
                    if ($Number(object.vxlanPort) !== 0)
                        message.vxlanPort = object.vxlanPort >>> 0;
                return message;
            };

            Cluster.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.id = "";
                    object.meta = null;
                    object.addressPool = "";
                    object.subnetPrefix = 0;
                    object.firstVni = 0;
                    object.vxlanPort = 0;
                }
                if (message.id != null && $Object.hasOwnProperty.call(message, "id"))
                    object.id = message.id;
                if (message.meta != null && $Object.hasOwnProperty.call(message, "meta"))
                    object.meta = $root.tso.v1.Meta.toObject(message.meta, options, _depth + 1);
                if (message.addressPool != null && $Object.hasOwnProperty.call(message, "addressPool"))
                    object.addressPool = message.addressPool;
                if (message.subnetPrefix != null && $Object.hasOwnProperty.call(message, "subnetPrefix"))
                    object.subnetPrefix = message.subnetPrefix;
                if (message.firstVni != null && $Object.hasOwnProperty.call(message, "firstVni"))
                    object.firstVni = message.firstVni;
                if (message.vxlanPort != null && $Object.hasOwnProperty.call(message, "vxlanPort"))
                    object.vxlanPort = message.vxlanPort;
                return object;
            };

            Cluster.prototype.toJSON = function() {
                return Cluster.toObject(this, $protobuf.util.toJSONOptions);
            };

            return Cluster;
        })();

        v1.NodeDescription = (function() {

            const NodeDescription = function (properties) {
                this.engineLabels = {};
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            NodeDescription.prototype.hostname = "";
            NodeDescription.prototype.platform = null;
            NodeDescription.prototype.resources = null;
            NodeDescription.prototype.engineVersion = "";
            NodeDescription.prototype.engineLabels = $util.emptyObject;
            NodeDescription.prototype.kernel = "";

            NodeDescription.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.hostname != null && $Object.hasOwnProperty.call(message, "hostname") && message.hostname !== "")
                    writer.uint32(10).string(message.hostname);
                if (message.platform != null && $Object.hasOwnProperty.call(message, "platform"))
                    $root.tso.v1.Platform.encode(message.platform, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.resources != null && $Object.hasOwnProperty.call(message, "resources"))
                    $root.tso.v1.Resources.encode(message.resources, writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.engineVersion != null && $Object.hasOwnProperty.call(message, "engineVersion") && message.engineVersion !== "")
                    writer.uint32(34).string(message.engineVersion);
                if (message.engineLabels != null && $Object.hasOwnProperty.call(message, "engineLabels"))
                    for (let keys = $Object.keys(message.engineLabels), i = 0; i < keys.length; ++i)
                        writer.uint32(42).fork().uint32(10).string(keys[i]).uint32(18).string(message.engineLabels[keys[i]]).ldelim();
                if (message.kernel != null && $Object.hasOwnProperty.call(message, "kernel") && message.kernel !== "")
                    writer.uint32(50).string(message.kernel);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            NodeDescription.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, key, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.NodeDescription();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.hostname = value;
                            else
                                delete message.hostname;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.platform = $root.tso.v1.Platform.decode(reader, reader.size(), $undefined, _depth + 1, message.platform);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.resources = $root.tso.v1.Resources.decode(reader, reader.size(), $undefined, _depth + 1, message.resources);
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.engineVersion = value;
                            else
                                delete message.engineVersion;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (message.engineLabels === $util.emptyObject)
                                message.engineLabels = {};
                            let end2 = reader.size() + reader.pos;
                            if (end2 > reader.len)
                                throw $RangeError("index out of range");
                            reader.len = end2;
                            key = "";
                            value = "";
                            while (reader.pos < end2) {
                                let tag2 = reader.tag();
                                wireType = tag2 & 7;
                                switch (tag2 >>>= 3) {
                                case 1:
                                    if (wireType !== 2)
                                        break;
                                    key = reader.stringVerify();
                                    continue;
                                case 2:
                                    if (wireType !== 2)
                                        break;
                                    value = reader.stringVerify();
                                    continue;
                                }
                                reader.skipType(wireType, _depth, tag2);
                            }
                            if (reader.pos !== end2)
                                throw $RangeError("index out of range");
                            reader.len = end;
                            if (key === "__proto__")
                                $util.makeProp(message.engineLabels, key);
                            message.engineLabels[key] = value;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.kernel = value;
                            else
                                delete message.kernel;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            NodeDescription.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.NodeDescription)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.NodeDescription: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.NodeDescription();
                if (object.hostname != null)
                    if (typeof object.hostname !== "string" || object.hostname.length)
                        message.hostname = $String(object.hostname);
                if (object.platform != null) {
                    if (!$util.isObject(object.platform))
                        throw $TypeError(".tso.v1.NodeDescription.platform: object expected");
                    message.platform = $root.tso.v1.Platform.fromObject(object.platform, _depth + 1);
                }
                if (object.resources != null) {
                    if (!$util.isObject(object.resources))
                        throw $TypeError(".tso.v1.NodeDescription.resources: object expected");
                    message.resources = $root.tso.v1.Resources.fromObject(object.resources, _depth + 1);
                }
                if (object.engineVersion != null)
                    if (typeof object.engineVersion !== "string" || object.engineVersion.length)
                        message.engineVersion = $String(object.engineVersion);
                if (object.engineLabels) {
                    if (!$util.isObject(object.engineLabels))
                        throw $TypeError(".tso.v1.NodeDescription.engineLabels: object expected");
                    message.engineLabels = {};
                    for (let keys = $Object.keys(object.engineLabels), i = 0; i < keys.length; ++i) {
                        if (keys[i] === "__proto__")
                            $util.makeProp(message.engineLabels, keys[i]);
                        message.engineLabels[keys[i]] = $String(object.engineLabels[keys[i]]);
                    }
                }
                if (object.kernel != null)
                    if (typeof object.kernel !== "string" || object.kernel.length)
                        message.kernel = $String(object.kernel);
                return message;
            };

            NodeDescription.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.objects || options.defaults)
                    object.engineLabels = {};
                if (options.defaults) {
                    object.hostname = "";
                    object.platform = null;
                    object.resources = null;
                    object.engineVersion = "";
                    object.kernel = "";
                }
                if (message.hostname != null && $Object.hasOwnProperty.call(message, "hostname"))
                    object.hostname = message.hostname;
                if (message.platform != null && $Object.hasOwnProperty.call(message, "platform"))
                    object.platform = $root.tso.v1.Platform.toObject(message.platform, options, _depth + 1);
                if (message.resources != null && $Object.hasOwnProperty.call(message, "resources"))
                    object.resources = $root.tso.v1.Resources.toObject(message.resources, options, _depth + 1);
                if (message.engineVersion != null && $Object.hasOwnProperty.call(message, "engineVersion"))
                    object.engineVersion = message.engineVersion;
                let keys2;
                if (message.engineLabels && (keys2 = $Object.keys(message.engineLabels)).length) {
                    object.engineLabels = {};
                    for (let j = 0; j < keys2.length; ++j) {
                        if (keys2[j] === "__proto__")
                            $util.makeProp(object.engineLabels, keys2[j]);
                        object.engineLabels[keys2[j]] = message.engineLabels[keys2[j]];
                    }
                }
                if (message.kernel != null && $Object.hasOwnProperty.call(message, "kernel"))
                    object.kernel = message.kernel;
                return object;
            };

            NodeDescription.prototype.toJSON = function() {
                return NodeDescription.toObject(this, $protobuf.util.toJSONOptions);
            };

            return NodeDescription;
        })();

        v1.Node = (function() {

            const Node = function (properties) {
                this.labels = {};
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Node.prototype.id = "";
            Node.prototype.meta = null;
            Node.prototype.role = 0;
            Node.prototype.availability = 0;
            Node.prototype.labels = $util.emptyObject;
            Node.prototype.description = null;
            Node.prototype.state = 0;
            Node.prototype.stateMessage = "";
            Node.prototype.address = "";

            Node.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(10).string(message.id);
                if (message.meta != null && $Object.hasOwnProperty.call(message, "meta"))
                    $root.tso.v1.Meta.encode(message.meta, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.role != null && $Object.hasOwnProperty.call(message, "role") && message.role !== 0)
                    writer.uint32(24).int32(message.role);
                if (message.availability != null && $Object.hasOwnProperty.call(message, "availability") && message.availability !== 0)
                    writer.uint32(32).int32(message.availability);
                if (message.labels != null && $Object.hasOwnProperty.call(message, "labels"))
                    for (let keys = $Object.keys(message.labels), i = 0; i < keys.length; ++i)
                        writer.uint32(42).fork().uint32(10).string(keys[i]).uint32(18).string(message.labels[keys[i]]).ldelim();
                if (message.description != null && $Object.hasOwnProperty.call(message, "description"))
                    $root.tso.v1.NodeDescription.encode(message.description, writer.uint32(50).fork(), _depth + 1).ldelim();
                if (message.state != null && $Object.hasOwnProperty.call(message, "state") && message.state !== 0)
                    writer.uint32(56).int32(message.state);
                if (message.stateMessage != null && $Object.hasOwnProperty.call(message, "stateMessage") && message.stateMessage !== "")
                    writer.uint32(66).string(message.stateMessage);
                if (message.address != null && $Object.hasOwnProperty.call(message, "address") && message.address !== "")
                    writer.uint32(74).string(message.address);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Node.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, key, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.Node();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.meta = $root.tso.v1.Meta.decode(reader, reader.size(), $undefined, _depth + 1, message.meta);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.role = value;
                            else
                                delete message.role;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.availability = value;
                            else
                                delete message.availability;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (message.labels === $util.emptyObject)
                                message.labels = {};
                            let end2 = reader.size() + reader.pos;
                            if (end2 > reader.len)
                                throw $RangeError("index out of range");
                            reader.len = end2;
                            key = "";
                            value = "";
                            while (reader.pos < end2) {
                                let tag2 = reader.tag();
                                wireType = tag2 & 7;
                                switch (tag2 >>>= 3) {
                                case 1:
                                    if (wireType !== 2)
                                        break;
                                    key = reader.stringVerify();
                                    continue;
                                case 2:
                                    if (wireType !== 2)
                                        break;
                                    value = reader.stringVerify();
                                    continue;
                                }
                                reader.skipType(wireType, _depth, tag2);
                            }
                            if (reader.pos !== end2)
                                throw $RangeError("index out of range");
                            reader.len = end;
                            if (key === "__proto__")
                                $util.makeProp(message.labels, key);
                            message.labels[key] = value;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            message.description = $root.tso.v1.NodeDescription.decode(reader, reader.size(), $undefined, _depth + 1, message.description);
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.state = value;
                            else
                                delete message.state;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.stateMessage = value;
                            else
                                delete message.stateMessage;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.address = value;
                            else
                                delete message.address;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            Node.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.Node)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.Node: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.Node();
                if (object.id != null)
                    if (typeof object.id !== "string" || object.id.length)
                        message.id = $String(object.id);
                if (object.meta != null) {
                    if (!$util.isObject(object.meta))
                        throw $TypeError(".tso.v1.Node.meta: object expected");
                    message.meta = $root.tso.v1.Meta.fromObject(object.meta, _depth + 1);
                }
                if (object.role !== 0 && (typeof object.role !== "string" || $root.tso.v1.NodeRole[object.role] !== 0))
                    switch (object.role) {
                    case "WORKER":
                    case 0:
                        message.role = 0;
                        break;
                    case "MANAGER":
                    case 1:
                        message.role = 1;
                        break;
                    default:
                        if (typeof object.role === "number" && (object.role | 0) === object.role)
                            message.role = object.role;
                    }
                if (object.availability !== 0 && (typeof object.availability !== "string" || $root.tso.v1.NodeAvailability[object.availability] !== 0))
                    switch (object.availability) {
                    case "ACTIVE":
                    case 0:
                        message.availability = 0;
                        break;
                    case "PAUSE":
                    case 1:
                        message.availability = 1;
                        break;
                    case "DRAIN":
                    case 2:
                        message.availability = 2;
                        break;
                    default:
                        if (typeof object.availability === "number" && (object.availability | 0) === object.availability)
                            message.availability = object.availability;
                    }
                if (object.labels) {
                    if (!$util.isObject(object.labels))
                        throw $TypeError(".tso.v1.Node.labels: object expected");
                    message.labels = {};
                    for (let keys = $Object.keys(object.labels), i = 0; i < keys.length; ++i) {
                        if (keys[i] === "__proto__")
                            $util.makeProp(message.labels, keys[i]);
                        message.labels[keys[i]] = $String(object.labels[keys[i]]);
                    }
                }
                if (object.description != null) {
                    if (!$util.isObject(object.description))
                        throw $TypeError(".tso.v1.Node.description: object expected");
                    message.description = $root.tso.v1.NodeDescription.fromObject(object.description, _depth + 1);
                }
                if (object.state !== 0 && (typeof object.state !== "string" || $root.tso.v1.NodeState[object.state] !== 0))
                    switch (object.state) {
                    case "NODE_UNKNOWN":
                    case 0:
                        message.state = 0;
                        break;
                    case "NODE_READY":
                    case 1:
                        message.state = 1;
                        break;
                    case "NODE_DOWN":
                    case 2:
                        message.state = 2;
                        break;
                    case "NODE_DISCONNECTED":
                    case 3:
                        message.state = 3;
                        break;
                    default:
                        if (typeof object.state === "number" && (object.state | 0) === object.state)
                            message.state = object.state;
                    }
                if (object.stateMessage != null)
                    if (typeof object.stateMessage !== "string" || object.stateMessage.length)
                        message.stateMessage = $String(object.stateMessage);
                if (object.address != null)
                    if (typeof object.address !== "string" || object.address.length)
                        message.address = $String(object.address);
                return message;
            };

            Node.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.objects || options.defaults)
                    object.labels = {};
                if (options.defaults) {
                    object.id = "";
                    object.meta = null;
                    object.role = options.enums === $String ? "WORKER" : 0;
                    object.availability = options.enums === $String ? "ACTIVE" : 0;
                    object.description = null;
                    object.state = options.enums === $String ? "NODE_UNKNOWN" : 0;
                    object.stateMessage = "";
                    object.address = "";
                }
                if (message.id != null && $Object.hasOwnProperty.call(message, "id"))
                    object.id = message.id;
                if (message.meta != null && $Object.hasOwnProperty.call(message, "meta"))
                    object.meta = $root.tso.v1.Meta.toObject(message.meta, options, _depth + 1);
                if (message.role != null && $Object.hasOwnProperty.call(message, "role"))
                    object.role = options.enums === $String ? $root.tso.v1.NodeRole[message.role] === $undefined ? message.role : $root.tso.v1.NodeRole[message.role] : message.role;
                if (message.availability != null && $Object.hasOwnProperty.call(message, "availability"))
                    object.availability = options.enums === $String ? $root.tso.v1.NodeAvailability[message.availability] === $undefined ? message.availability : $root.tso.v1.NodeAvailability[message.availability] : message.availability;
                let keys2;
                if (message.labels && (keys2 = $Object.keys(message.labels)).length) {
                    object.labels = {};
                    for (let j = 0; j < keys2.length; ++j) {
                        if (keys2[j] === "__proto__")
                            $util.makeProp(object.labels, keys2[j]);
                        object.labels[keys2[j]] = message.labels[keys2[j]];
                    }
                }
                if (message.description != null && $Object.hasOwnProperty.call(message, "description"))
                    object.description = $root.tso.v1.NodeDescription.toObject(message.description, options, _depth + 1);
                if (message.state != null && $Object.hasOwnProperty.call(message, "state"))
                    object.state = options.enums === $String ? $root.tso.v1.NodeState[message.state] === $undefined ? message.state : $root.tso.v1.NodeState[message.state] : message.state;
                if (message.stateMessage != null && $Object.hasOwnProperty.call(message, "stateMessage"))
                    object.stateMessage = message.stateMessage;
                if (message.address != null && $Object.hasOwnProperty.call(message, "address"))
                    object.address = message.address;
                return object;
            };

            Node.prototype.toJSON = function() {
                return Node.toObject(this, $protobuf.util.toJSONOptions);
            };

            return Node;
        })();

        v1.Stack = (function() {

            const Stack = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Stack.prototype.id = "";
            Stack.prototype.meta = null;
            Stack.prototype.name = "";
            Stack.prototype.spec = null;

            Stack.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(10).string(message.id);
                if (message.meta != null && $Object.hasOwnProperty.call(message, "meta"))
                    $root.tso.v1.Meta.encode(message.meta, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(26).string(message.name);
                if (message.spec != null && $Object.hasOwnProperty.call(message, "spec"))
                    $root.tso.v1.StackSpec.encode(message.spec, writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Stack.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.Stack();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.meta = $root.tso.v1.Meta.decode(reader, reader.size(), $undefined, _depth + 1, message.meta);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.spec = $root.tso.v1.StackSpec.decode(reader, reader.size(), $undefined, _depth + 1, message.spec);
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            Stack.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.Stack)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.Stack: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.Stack();
                if (object.id != null)
                    if (typeof object.id !== "string" || object.id.length)
                        message.id = $String(object.id);
                if (object.meta != null) {
                    if (!$util.isObject(object.meta))
                        throw $TypeError(".tso.v1.Stack.meta: object expected");
                    message.meta = $root.tso.v1.Meta.fromObject(object.meta, _depth + 1);
                }
                if (object.name != null)
                    if (typeof object.name !== "string" || object.name.length)
                        message.name = $String(object.name);
                if (object.spec != null) {
                    if (!$util.isObject(object.spec))
                        throw $TypeError(".tso.v1.Stack.spec: object expected");
                    message.spec = $root.tso.v1.StackSpec.fromObject(object.spec, _depth + 1);
                }
                return message;
            };

            Stack.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.id = "";
                    object.meta = null;
                    object.name = "";
                    object.spec = null;
                }
                if (message.id != null && $Object.hasOwnProperty.call(message, "id"))
                    object.id = message.id;
                if (message.meta != null && $Object.hasOwnProperty.call(message, "meta"))
                    object.meta = $root.tso.v1.Meta.toObject(message.meta, options, _depth + 1);
                if (message.name != null && $Object.hasOwnProperty.call(message, "name"))
                    object.name = message.name;
                if (message.spec != null && $Object.hasOwnProperty.call(message, "spec"))
                    object.spec = $root.tso.v1.StackSpec.toObject(message.spec, options, _depth + 1);
                return object;
            };

            Stack.prototype.toJSON = function() {
                return Stack.toObject(this, $protobuf.util.toJSONOptions);
            };

            return Stack;
        })();

        v1.UpdateStatus = (function() {

            const UpdateStatus = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            UpdateStatus.prototype.state = 0;
            UpdateStatus.prototype.startedAtMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            UpdateStatus.prototype.completedAtMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            UpdateStatus.prototype.message = "";

            UpdateStatus.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.state != null && $Object.hasOwnProperty.call(message, "state") && message.state !== 0)
                    writer.uint32(8).int32(message.state);
                if (message.startedAtMs != null && $Object.hasOwnProperty.call(message, "startedAtMs") && (typeof message.startedAtMs === "object" ? message.startedAtMs.low || message.startedAtMs.high : message.startedAtMs !== 0))
                    writer.uint32(16).int64(message.startedAtMs);
                if (message.completedAtMs != null && $Object.hasOwnProperty.call(message, "completedAtMs") && (typeof message.completedAtMs === "object" ? message.completedAtMs.low || message.completedAtMs.high : message.completedAtMs !== 0))
                    writer.uint32(24).int64(message.completedAtMs);
                if (message.message != null && $Object.hasOwnProperty.call(message, "message") && message.message !== "")
                    writer.uint32(34).string(message.message);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            UpdateStatus.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.UpdateStatus();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.state = value;
                            else
                                delete message.state;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.startedAtMs = value;
                            else
                                delete message.startedAtMs;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.completedAtMs = value;
                            else
                                delete message.completedAtMs;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.message = value;
                            else
                                delete message.message;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            UpdateStatus.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.UpdateStatus)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.UpdateStatus: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.UpdateStatus();
                if (object.state !== 0 && (typeof object.state !== "string" || $root.tso.v1.UpdateState[object.state] !== 0))
                    switch (object.state) {
                    case "UPDATE_NONE":
                    case 0:
                        message.state = 0;
                        break;
                    case "UPDATING":
                    case 1:
                        message.state = 1;
                        break;
                    case "UPDATE_PAUSED":
                    case 2:
                        message.state = 2;
                        break;
                    case "UPDATE_COMPLETED":
                    case 3:
                        message.state = 3;
                        break;
                    case "ROLLBACK_STARTED":
                    case 4:
                        message.state = 4;
                        break;
                    case "ROLLBACK_PAUSED":
                    case 5:
                        message.state = 5;
                        break;
                    case "ROLLBACK_COMPLETED":
                    case 6:
                        message.state = 6;
                        break;
                    default:
                        if (typeof object.state === "number" && (object.state | 0) === object.state)
                            message.state = object.state;
                    }
                if (object.startedAtMs != null)
                    if (typeof object.startedAtMs === "object" ? object.startedAtMs.low || object.startedAtMs.high : $Number(object.startedAtMs) !== 0)
                        if ($util.Long)
                            message.startedAtMs = $util.Long.fromValue(object.startedAtMs, false);
                        else if (typeof object.startedAtMs === "string")
                            message.startedAtMs = $parseInt(object.startedAtMs, 10);
                        else if (typeof object.startedAtMs === "number")
                            message.startedAtMs = object.startedAtMs;
                        else if (typeof object.startedAtMs === "object")
                            message.startedAtMs = new $util.LongBits(object.startedAtMs.low >>> 0, object.startedAtMs.high >>> 0).toNumber();
                if (object.completedAtMs != null)
                    if (typeof object.completedAtMs === "object" ? object.completedAtMs.low || object.completedAtMs.high : $Number(object.completedAtMs) !== 0)
                        if ($util.Long)
                            message.completedAtMs = $util.Long.fromValue(object.completedAtMs, false);
                        else if (typeof object.completedAtMs === "string")
                            message.completedAtMs = $parseInt(object.completedAtMs, 10);
                        else if (typeof object.completedAtMs === "number")
                            message.completedAtMs = object.completedAtMs;
                        else if (typeof object.completedAtMs === "object")
                            message.completedAtMs = new $util.LongBits(object.completedAtMs.low >>> 0, object.completedAtMs.high >>> 0).toNumber();
                if (object.message != null)
                    if (typeof object.message !== "string" || object.message.length)
                        message.message = $String(object.message);
                return message;
            };

            UpdateStatus.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.state = options.enums === $String ? "UPDATE_NONE" : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.startedAtMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.startedAtMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.completedAtMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.completedAtMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.message = "";
                }
                if (message.state != null && $Object.hasOwnProperty.call(message, "state"))
                    object.state = options.enums === $String ? $root.tso.v1.UpdateState[message.state] === $undefined ? message.state : $root.tso.v1.UpdateState[message.state] : message.state;
                if (message.startedAtMs != null && $Object.hasOwnProperty.call(message, "startedAtMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.startedAtMs = typeof message.startedAtMs === "number" ? $BigInt(message.startedAtMs) : $util.Long.fromBits(message.startedAtMs.low >>> 0, message.startedAtMs.high >>> 0, false).toBigInt();
                    else if (typeof message.startedAtMs === "number")
                        object.startedAtMs = options.longs === $String ? $String(message.startedAtMs) : message.startedAtMs;
                    else
                        object.startedAtMs = options.longs === $String ? $util.Long.prototype.toString.call(message.startedAtMs) : options.longs === $Number ? new $util.LongBits(message.startedAtMs.low >>> 0, message.startedAtMs.high >>> 0).toNumber() : message.startedAtMs;
                if (message.completedAtMs != null && $Object.hasOwnProperty.call(message, "completedAtMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.completedAtMs = typeof message.completedAtMs === "number" ? $BigInt(message.completedAtMs) : $util.Long.fromBits(message.completedAtMs.low >>> 0, message.completedAtMs.high >>> 0, false).toBigInt();
                    else if (typeof message.completedAtMs === "number")
                        object.completedAtMs = options.longs === $String ? $String(message.completedAtMs) : message.completedAtMs;
                    else
                        object.completedAtMs = options.longs === $String ? $util.Long.prototype.toString.call(message.completedAtMs) : options.longs === $Number ? new $util.LongBits(message.completedAtMs.low >>> 0, message.completedAtMs.high >>> 0).toNumber() : message.completedAtMs;
                if (message.message != null && $Object.hasOwnProperty.call(message, "message"))
                    object.message = message.message;
                return object;
            };

            UpdateStatus.prototype.toJSON = function() {
                return UpdateStatus.toObject(this, $protobuf.util.toJSONOptions);
            };

            return UpdateStatus;
        })();

        v1.Service = (function() {

            const Service = function (properties) {
                this.ports = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Service.prototype.id = "";
            Service.prototype.meta = null;
            Service.prototype.stack = "";
            Service.prototype.spec = null;
            Service.prototype.specVersion = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            Service.prototype.previousSpec = null;
            Service.prototype.update = null;
            Service.prototype.ports = $util.emptyArray;
            Service.prototype.removing = false;

            let $oneOfFields;

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Service.prototype, "_previousSpec", {
                get: $util.oneOfGetter($oneOfFields = ["previousSpec"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Service.prototype, "_update", {
                get: $util.oneOfGetter($oneOfFields = ["update"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            Service.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(10).string(message.id);
                if (message.meta != null && $Object.hasOwnProperty.call(message, "meta"))
                    $root.tso.v1.Meta.encode(message.meta, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack") && message.stack !== "")
                    writer.uint32(26).string(message.stack);
                if (message.spec != null && $Object.hasOwnProperty.call(message, "spec"))
                    $root.tso.v1.ServiceSpec.encode(message.spec, writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.specVersion != null && $Object.hasOwnProperty.call(message, "specVersion") && (typeof message.specVersion === "object" ? message.specVersion.low || message.specVersion.high : message.specVersion !== 0))
                    writer.uint32(40).uint64(message.specVersion);
                if (message.previousSpec != null && $Object.hasOwnProperty.call(message, "previousSpec"))
                    $root.tso.v1.ServiceSpec.encode(message.previousSpec, writer.uint32(50).fork(), _depth + 1).ldelim();
                if (message.update != null && $Object.hasOwnProperty.call(message, "update"))
                    $root.tso.v1.UpdateStatus.encode(message.update, writer.uint32(58).fork(), _depth + 1).ldelim();
                if (message.ports != null && message.ports.length)
                    for (let i = 0; i < message.ports.length; ++i)
                        $root.tso.v1.PortConfig.encode(message.ports[i], writer.uint32(66).fork(), _depth + 1).ldelim();
                if (message.removing != null && $Object.hasOwnProperty.call(message, "removing") && message.removing !== false)
                    writer.uint32(72).bool(message.removing);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Service.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.Service();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.meta = $root.tso.v1.Meta.decode(reader, reader.size(), $undefined, _depth + 1, message.meta);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.stack = value;
                            else
                                delete message.stack;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.spec = $root.tso.v1.ServiceSpec.decode(reader, reader.size(), $undefined, _depth + 1, message.spec);
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.specVersion = value;
                            else
                                delete message.specVersion;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            message.previousSpec = $root.tso.v1.ServiceSpec.decode(reader, reader.size(), $undefined, _depth + 1, message.previousSpec);
                            message._previousSpec = "previousSpec";
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            message.update = $root.tso.v1.UpdateStatus.decode(reader, reader.size(), $undefined, _depth + 1, message.update);
                            message._update = "update";
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            if (!(message.ports && message.ports.length))
                                message.ports = [];
                            message.ports.push($root.tso.v1.PortConfig.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 9: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.removing = value;
                            else
                                delete message.removing;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            Service.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.Service)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.Service: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.Service();
                if (object.id != null)
                    if (typeof object.id !== "string" || object.id.length)
                        message.id = $String(object.id);
                if (object.meta != null) {
                    if (!$util.isObject(object.meta))
                        throw $TypeError(".tso.v1.Service.meta: object expected");
                    message.meta = $root.tso.v1.Meta.fromObject(object.meta, _depth + 1);
                }
                if (object.stack != null)
                    if (typeof object.stack !== "string" || object.stack.length)
                        message.stack = $String(object.stack);
                if (object.spec != null) {
                    if (!$util.isObject(object.spec))
                        throw $TypeError(".tso.v1.Service.spec: object expected");
                    message.spec = $root.tso.v1.ServiceSpec.fromObject(object.spec, _depth + 1);
                }
                if (object.specVersion != null)
                    if (typeof object.specVersion === "object" ? object.specVersion.low || object.specVersion.high : $Number(object.specVersion) !== 0)
                        if ($util.Long)
                            message.specVersion = $util.Long.fromValue(object.specVersion, true);
                        else if (typeof object.specVersion === "string")
                            message.specVersion = $parseInt(object.specVersion, 10);
                        else if (typeof object.specVersion === "number")
                            message.specVersion = object.specVersion;
                        else if (typeof object.specVersion === "object")
                            message.specVersion = new $util.LongBits(object.specVersion.low >>> 0, object.specVersion.high >>> 0).toNumber(true);
                if (object.previousSpec != null) {
                    if (!$util.isObject(object.previousSpec))
                        throw $TypeError(".tso.v1.Service.previousSpec: object expected");
                    message.previousSpec = $root.tso.v1.ServiceSpec.fromObject(object.previousSpec, _depth + 1);
                }
                if (object.update != null) {
                    if (!$util.isObject(object.update))
                        throw $TypeError(".tso.v1.Service.update: object expected");
                    message.update = $root.tso.v1.UpdateStatus.fromObject(object.update, _depth + 1);
                }
                if (object.ports) {
                    if (!$Array.isArray(object.ports))
                        throw $TypeError(".tso.v1.Service.ports: array expected");
                    message.ports = $Array(object.ports.length);
                    for (let i = 0; i < object.ports.length; ++i) {
                        if (!$util.isObject(object.ports[i]))
                            throw $TypeError(".tso.v1.Service.ports: object expected");
                        message.ports[i] = $root.tso.v1.PortConfig.fromObject(object.ports[i], _depth + 1);
                    }
                }
                if (object.removing != null)
                    if (object.removing)
                        message.removing = $Boolean(object.removing);
                return message;
            };

            Service.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.ports = [];
                if (options.defaults) {
                    object.id = "";
                    object.meta = null;
                    object.stack = "";
                    object.spec = null;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.specVersion = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.specVersion = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.removing = false;
                }
                if (message.id != null && $Object.hasOwnProperty.call(message, "id"))
                    object.id = message.id;
                if (message.meta != null && $Object.hasOwnProperty.call(message, "meta"))
                    object.meta = $root.tso.v1.Meta.toObject(message.meta, options, _depth + 1);
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack"))
                    object.stack = message.stack;
                if (message.spec != null && $Object.hasOwnProperty.call(message, "spec"))
                    object.spec = $root.tso.v1.ServiceSpec.toObject(message.spec, options, _depth + 1);
                if (message.specVersion != null && $Object.hasOwnProperty.call(message, "specVersion"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.specVersion = typeof message.specVersion === "number" ? $BigInt(message.specVersion) : $util.Long.fromBits(message.specVersion.low >>> 0, message.specVersion.high >>> 0, true).toBigInt();
                    else if (typeof message.specVersion === "number")
                        object.specVersion = options.longs === $String ? $String(message.specVersion) : message.specVersion;
                    else
                        object.specVersion = options.longs === $String ? $util.Long.prototype.toString.call(message.specVersion) : options.longs === $Number ? new $util.LongBits(message.specVersion.low >>> 0, message.specVersion.high >>> 0).toNumber(true) : message.specVersion;
                if (message.previousSpec != null && $Object.hasOwnProperty.call(message, "previousSpec"))
                    object.previousSpec = $root.tso.v1.ServiceSpec.toObject(message.previousSpec, options, _depth + 1);
                if (message.update != null && $Object.hasOwnProperty.call(message, "update"))
                    object.update = $root.tso.v1.UpdateStatus.toObject(message.update, options, _depth + 1);
                if (message.ports && message.ports.length) {
                    object.ports = $Array(message.ports.length);
                    for (let j = 0; j < message.ports.length; ++j)
                        object.ports[j] = $root.tso.v1.PortConfig.toObject(message.ports[j], options, _depth + 1);
                }
                if (message.removing != null && $Object.hasOwnProperty.call(message, "removing"))
                    object.removing = message.removing;
                return object;
            };

            Service.prototype.toJSON = function() {
                return Service.toObject(this, $protobuf.util.toJSONOptions);
            };

            return Service;
        })();

        v1.NetworkAllocation = (function() {

            const NetworkAllocation = function (properties) {
                this.aliases = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            NetworkAllocation.prototype.networkId = "";
            NetworkAllocation.prototype.address = "";
            NetworkAllocation.prototype.mac = "";
            NetworkAllocation.prototype.aliases = $util.emptyArray;

            NetworkAllocation.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.networkId != null && $Object.hasOwnProperty.call(message, "networkId") && message.networkId !== "")
                    writer.uint32(10).string(message.networkId);
                if (message.address != null && $Object.hasOwnProperty.call(message, "address") && message.address !== "")
                    writer.uint32(18).string(message.address);
                if (message.mac != null && $Object.hasOwnProperty.call(message, "mac") && message.mac !== "")
                    writer.uint32(26).string(message.mac);
                if (message.aliases != null && message.aliases.length)
                    for (let i = 0; i < message.aliases.length; ++i)
                        writer.uint32(34).string(message.aliases[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            NetworkAllocation.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.NetworkAllocation();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.networkId = value;
                            else
                                delete message.networkId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.address = value;
                            else
                                delete message.address;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.mac = value;
                            else
                                delete message.mac;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if (!(message.aliases && message.aliases.length))
                                message.aliases = [];
                            message.aliases.push(reader.stringVerify());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            NetworkAllocation.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.NetworkAllocation)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.NetworkAllocation: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.NetworkAllocation();
                if (object.networkId != null)
                    if (typeof object.networkId !== "string" || object.networkId.length)
                        message.networkId = $String(object.networkId);
                if (object.address != null)
                    if (typeof object.address !== "string" || object.address.length)
                        message.address = $String(object.address);
                if (object.mac != null)
                    if (typeof object.mac !== "string" || object.mac.length)
                        message.mac = $String(object.mac);
                if (object.aliases) {
                    if (!$Array.isArray(object.aliases))
                        throw $TypeError(".tso.v1.NetworkAllocation.aliases: array expected");
                    message.aliases = $Array(object.aliases.length);
                    for (let i = 0; i < object.aliases.length; ++i)
                        message.aliases[i] = $String(object.aliases[i]);
                }
                return message;
            };

            NetworkAllocation.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.aliases = [];
                if (options.defaults) {
                    object.networkId = "";
                    object.address = "";
                    object.mac = "";
                }
                if (message.networkId != null && $Object.hasOwnProperty.call(message, "networkId"))
                    object.networkId = message.networkId;
                if (message.address != null && $Object.hasOwnProperty.call(message, "address"))
                    object.address = message.address;
                if (message.mac != null && $Object.hasOwnProperty.call(message, "mac"))
                    object.mac = message.mac;
                if (message.aliases && message.aliases.length) {
                    object.aliases = $Array(message.aliases.length);
                    for (let j = 0; j < message.aliases.length; ++j)
                        object.aliases[j] = message.aliases[j];
                }
                return object;
            };

            NetworkAllocation.prototype.toJSON = function() {
                return NetworkAllocation.toObject(this, $protobuf.util.toJSONOptions);
            };

            return NetworkAllocation;
        })();

        v1.TaskStatus = (function() {

            const TaskStatus = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            TaskStatus.prototype.state = 0;
            TaskStatus.prototype.atMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            TaskStatus.prototype.message = "";
            TaskStatus.prototype.error = "";
            TaskStatus.prototype.exitCode = null;
            TaskStatus.prototype.containerId = "";
            TaskStatus.prototype.pid = 0;
            TaskStatus.prototype.health = 0;
            TaskStatus.prototype.startedAtMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            TaskStatus.prototype.finishedAtMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            TaskStatus.prototype.imageDigest = "";

            let $oneOfFields;

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(TaskStatus.prototype, "_exitCode", {
                get: $util.oneOfGetter($oneOfFields = ["exitCode"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            TaskStatus.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.state != null && $Object.hasOwnProperty.call(message, "state") && message.state !== 0)
                    writer.uint32(8).int32(message.state);
                if (message.atMs != null && $Object.hasOwnProperty.call(message, "atMs") && (typeof message.atMs === "object" ? message.atMs.low || message.atMs.high : message.atMs !== 0))
                    writer.uint32(16).int64(message.atMs);
                if (message.message != null && $Object.hasOwnProperty.call(message, "message") && message.message !== "")
                    writer.uint32(26).string(message.message);
                if (message.error != null && $Object.hasOwnProperty.call(message, "error") && message.error !== "")
                    writer.uint32(34).string(message.error);
                if (message.exitCode != null && $Object.hasOwnProperty.call(message, "exitCode"))
                    writer.uint32(40).int32(message.exitCode);
                if (message.containerId != null && $Object.hasOwnProperty.call(message, "containerId") && message.containerId !== "")
                    writer.uint32(50).string(message.containerId);
                if (message.pid != null && $Object.hasOwnProperty.call(message, "pid") && message.pid !== 0)
                    writer.uint32(56).uint32(message.pid);
                if (message.health != null && $Object.hasOwnProperty.call(message, "health") && message.health !== 0)
                    writer.uint32(64).int32(message.health);
                if (message.startedAtMs != null && $Object.hasOwnProperty.call(message, "startedAtMs") && (typeof message.startedAtMs === "object" ? message.startedAtMs.low || message.startedAtMs.high : message.startedAtMs !== 0))
                    writer.uint32(72).int64(message.startedAtMs);
                if (message.finishedAtMs != null && $Object.hasOwnProperty.call(message, "finishedAtMs") && (typeof message.finishedAtMs === "object" ? message.finishedAtMs.low || message.finishedAtMs.high : message.finishedAtMs !== 0))
                    writer.uint32(80).int64(message.finishedAtMs);
                if (message.imageDigest != null && $Object.hasOwnProperty.call(message, "imageDigest") && message.imageDigest !== "")
                    writer.uint32(90).string(message.imageDigest);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            TaskStatus.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.TaskStatus();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.state = value;
                            else
                                delete message.state;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.atMs = value;
                            else
                                delete message.atMs;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.message = value;
                            else
                                delete message.message;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.error = value;
                            else
                                delete message.error;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            message.exitCode = reader.int32();
                            message._exitCode = "exitCode";
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.containerId = value;
                            else
                                delete message.containerId;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.pid = value;
                            else
                                delete message.pid;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.health = value;
                            else
                                delete message.health;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.startedAtMs = value;
                            else
                                delete message.startedAtMs;
                            continue;
                        }
                    case 10: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.finishedAtMs = value;
                            else
                                delete message.finishedAtMs;
                            continue;
                        }
                    case 11: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.imageDigest = value;
                            else
                                delete message.imageDigest;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            TaskStatus.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.TaskStatus)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.TaskStatus: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.TaskStatus();
                if (object.state !== 0 && (typeof object.state !== "string" || $root.tso.v1.TaskState[object.state] !== 0))
                    switch (object.state) {
                    case "NEW":
                    case 0:
                        message.state = 0;
                        break;
                    case "ALLOCATED":
                    case 64:
                        message.state = 64;
                        break;
                    case "ASSIGNED":
                    case 192:
                        message.state = 192;
                        break;
                    case "PREPARING":
                    case 320:
                        message.state = 320;
                        break;
                    case "READY":
                    case 384:
                        message.state = 384;
                        break;
                    case "STARTING":
                    case 448:
                        message.state = 448;
                        break;
                    case "RUNNING":
                    case 512:
                        message.state = 512;
                        break;
                    case "COMPLETE":
                    case 576:
                        message.state = 576;
                        break;
                    case "SHUTDOWN":
                    case 640:
                        message.state = 640;
                        break;
                    case "FAILED":
                    case 704:
                        message.state = 704;
                        break;
                    case "REJECTED":
                    case 768:
                        message.state = 768;
                        break;
                    case "REMOVE":
                    case 800:
                        message.state = 800;
                        break;
                    case "ORPHANED":
                    case 832:
                        message.state = 832;
                        break;
                    default:
                        if (typeof object.state === "number" && (object.state | 0) === object.state)
                            message.state = object.state;
                    }
                if (object.atMs != null)
                    if (typeof object.atMs === "object" ? object.atMs.low || object.atMs.high : $Number(object.atMs) !== 0)
                        if ($util.Long)
                            message.atMs = $util.Long.fromValue(object.atMs, false);
                        else if (typeof object.atMs === "string")
                            message.atMs = $parseInt(object.atMs, 10);
                        else if (typeof object.atMs === "number")
                            message.atMs = object.atMs;
                        else if (typeof object.atMs === "object")
                            message.atMs = new $util.LongBits(object.atMs.low >>> 0, object.atMs.high >>> 0).toNumber();
                if (object.message != null)
                    if (typeof object.message !== "string" || object.message.length)
                        message.message = $String(object.message);
                if (object.error != null)
                    if (typeof object.error !== "string" || object.error.length)
                        message.error = $String(object.error);
                if (object.exitCode != null)
                    message.exitCode = object.exitCode | 0;
                if (object.containerId != null)
                    if (typeof object.containerId !== "string" || object.containerId.length)
                        message.containerId = $String(object.containerId);
                if (object.pid != null)
                    if ($Number(object.pid) !== 0)
                        message.pid = object.pid >>> 0;
                if (object.health !== 0 && (typeof object.health !== "string" || $root.tso.v1.HealthState[object.health] !== 0))
                    switch (object.health) {
                    case "HEALTH_NONE":
                    case 0:
                        message.health = 0;
                        break;
                    case "HEALTH_STARTING":
                    case 1:
                        message.health = 1;
                        break;
                    case "HEALTHY":
                    case 2:
                        message.health = 2;
                        break;
                    case "UNHEALTHY":
                    case 3:
                        message.health = 3;
                        break;
                    default:
                        if (typeof object.health === "number" && (object.health | 0) === object.health)
                            message.health = object.health;
                    }
                if (object.startedAtMs != null)
                    if (typeof object.startedAtMs === "object" ? object.startedAtMs.low || object.startedAtMs.high : $Number(object.startedAtMs) !== 0)
                        if ($util.Long)
                            message.startedAtMs = $util.Long.fromValue(object.startedAtMs, false);
                        else if (typeof object.startedAtMs === "string")
                            message.startedAtMs = $parseInt(object.startedAtMs, 10);
                        else if (typeof object.startedAtMs === "number")
                            message.startedAtMs = object.startedAtMs;
                        else if (typeof object.startedAtMs === "object")
                            message.startedAtMs = new $util.LongBits(object.startedAtMs.low >>> 0, object.startedAtMs.high >>> 0).toNumber();
                if (object.finishedAtMs != null)
                    if (typeof object.finishedAtMs === "object" ? object.finishedAtMs.low || object.finishedAtMs.high : $Number(object.finishedAtMs) !== 0)
                        if ($util.Long)
                            message.finishedAtMs = $util.Long.fromValue(object.finishedAtMs, false);
                        else if (typeof object.finishedAtMs === "string")
                            message.finishedAtMs = $parseInt(object.finishedAtMs, 10);
                        else if (typeof object.finishedAtMs === "number")
                            message.finishedAtMs = object.finishedAtMs;
                        else if (typeof object.finishedAtMs === "object")
                            message.finishedAtMs = new $util.LongBits(object.finishedAtMs.low >>> 0, object.finishedAtMs.high >>> 0).toNumber();
                if (object.imageDigest != null)
                    if (typeof object.imageDigest !== "string" || object.imageDigest.length)
                        message.imageDigest = $String(object.imageDigest);
                return message;
            };

            TaskStatus.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.state = options.enums === $String ? "NEW" : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.atMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.atMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.message = "";
                    object.error = "";
                    object.containerId = "";
                    object.pid = 0;
                    object.health = options.enums === $String ? "HEALTH_NONE" : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.startedAtMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.startedAtMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.finishedAtMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.finishedAtMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.imageDigest = "";
                }
                if (message.state != null && $Object.hasOwnProperty.call(message, "state"))
                    object.state = options.enums === $String ? $root.tso.v1.TaskState[message.state] === $undefined ? message.state : $root.tso.v1.TaskState[message.state] : message.state;
                if (message.atMs != null && $Object.hasOwnProperty.call(message, "atMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.atMs = typeof message.atMs === "number" ? $BigInt(message.atMs) : $util.Long.fromBits(message.atMs.low >>> 0, message.atMs.high >>> 0, false).toBigInt();
                    else if (typeof message.atMs === "number")
                        object.atMs = options.longs === $String ? $String(message.atMs) : message.atMs;
                    else
                        object.atMs = options.longs === $String ? $util.Long.prototype.toString.call(message.atMs) : options.longs === $Number ? new $util.LongBits(message.atMs.low >>> 0, message.atMs.high >>> 0).toNumber() : message.atMs;
                if (message.message != null && $Object.hasOwnProperty.call(message, "message"))
                    object.message = message.message;
                if (message.error != null && $Object.hasOwnProperty.call(message, "error"))
                    object.error = message.error;
                if (message.exitCode != null && $Object.hasOwnProperty.call(message, "exitCode"))
                    object.exitCode = message.exitCode;
                if (message.containerId != null && $Object.hasOwnProperty.call(message, "containerId"))
                    object.containerId = message.containerId;
                if (message.pid != null && $Object.hasOwnProperty.call(message, "pid"))
                    object.pid = message.pid;
                if (message.health != null && $Object.hasOwnProperty.call(message, "health"))
                    object.health = options.enums === $String ? $root.tso.v1.HealthState[message.health] === $undefined ? message.health : $root.tso.v1.HealthState[message.health] : message.health;
                if (message.startedAtMs != null && $Object.hasOwnProperty.call(message, "startedAtMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.startedAtMs = typeof message.startedAtMs === "number" ? $BigInt(message.startedAtMs) : $util.Long.fromBits(message.startedAtMs.low >>> 0, message.startedAtMs.high >>> 0, false).toBigInt();
                    else if (typeof message.startedAtMs === "number")
                        object.startedAtMs = options.longs === $String ? $String(message.startedAtMs) : message.startedAtMs;
                    else
                        object.startedAtMs = options.longs === $String ? $util.Long.prototype.toString.call(message.startedAtMs) : options.longs === $Number ? new $util.LongBits(message.startedAtMs.low >>> 0, message.startedAtMs.high >>> 0).toNumber() : message.startedAtMs;
                if (message.finishedAtMs != null && $Object.hasOwnProperty.call(message, "finishedAtMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.finishedAtMs = typeof message.finishedAtMs === "number" ? $BigInt(message.finishedAtMs) : $util.Long.fromBits(message.finishedAtMs.low >>> 0, message.finishedAtMs.high >>> 0, false).toBigInt();
                    else if (typeof message.finishedAtMs === "number")
                        object.finishedAtMs = options.longs === $String ? $String(message.finishedAtMs) : message.finishedAtMs;
                    else
                        object.finishedAtMs = options.longs === $String ? $util.Long.prototype.toString.call(message.finishedAtMs) : options.longs === $Number ? new $util.LongBits(message.finishedAtMs.low >>> 0, message.finishedAtMs.high >>> 0).toNumber() : message.finishedAtMs;
                if (message.imageDigest != null && $Object.hasOwnProperty.call(message, "imageDigest"))
                    object.imageDigest = message.imageDigest;
                return object;
            };

            TaskStatus.prototype.toJSON = function() {
                return TaskStatus.toObject(this, $protobuf.util.toJSONOptions);
            };

            return TaskStatus;
        })();

        v1.Task = (function() {

            const Task = function (properties) {
                this.networks = [];
                this.ports = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Task.prototype.id = "";
            Task.prototype.meta = null;
            Task.prototype.serviceId = "";
            Task.prototype.serviceName = "";
            Task.prototype.stack = "";
            Task.prototype.slot = 0;
            Task.prototype.nodeId = "";
            Task.prototype.spec = null;
            Task.prototype.specVersion = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            Task.prototype.desiredState = 0;
            Task.prototype.status = null;
            Task.prototype.networks = $util.emptyArray;
            Task.prototype.ports = $util.emptyArray;
            Task.prototype.pendingReason = "";
            Task.prototype.notBeforeMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            Task.prototype.mode = 0;

            Task.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(10).string(message.id);
                if (message.meta != null && $Object.hasOwnProperty.call(message, "meta"))
                    $root.tso.v1.Meta.encode(message.meta, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.serviceId != null && $Object.hasOwnProperty.call(message, "serviceId") && message.serviceId !== "")
                    writer.uint32(26).string(message.serviceId);
                if (message.serviceName != null && $Object.hasOwnProperty.call(message, "serviceName") && message.serviceName !== "")
                    writer.uint32(34).string(message.serviceName);
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack") && message.stack !== "")
                    writer.uint32(42).string(message.stack);
                if (message.slot != null && $Object.hasOwnProperty.call(message, "slot") && message.slot !== 0)
                    writer.uint32(48).uint32(message.slot);
                if (message.nodeId != null && $Object.hasOwnProperty.call(message, "nodeId") && message.nodeId !== "")
                    writer.uint32(58).string(message.nodeId);
                if (message.spec != null && $Object.hasOwnProperty.call(message, "spec"))
                    $root.tso.v1.TaskSpec.encode(message.spec, writer.uint32(66).fork(), _depth + 1).ldelim();
                if (message.specVersion != null && $Object.hasOwnProperty.call(message, "specVersion") && (typeof message.specVersion === "object" ? message.specVersion.low || message.specVersion.high : message.specVersion !== 0))
                    writer.uint32(72).uint64(message.specVersion);
                if (message.desiredState != null && $Object.hasOwnProperty.call(message, "desiredState") && message.desiredState !== 0)
                    writer.uint32(80).int32(message.desiredState);
                if (message.status != null && $Object.hasOwnProperty.call(message, "status"))
                    $root.tso.v1.TaskStatus.encode(message.status, writer.uint32(90).fork(), _depth + 1).ldelim();
                if (message.networks != null && message.networks.length)
                    for (let i = 0; i < message.networks.length; ++i)
                        $root.tso.v1.NetworkAllocation.encode(message.networks[i], writer.uint32(98).fork(), _depth + 1).ldelim();
                if (message.ports != null && message.ports.length)
                    for (let i = 0; i < message.ports.length; ++i)
                        $root.tso.v1.PortConfig.encode(message.ports[i], writer.uint32(106).fork(), _depth + 1).ldelim();
                if (message.pendingReason != null && $Object.hasOwnProperty.call(message, "pendingReason") && message.pendingReason !== "")
                    writer.uint32(114).string(message.pendingReason);
                if (message.notBeforeMs != null && $Object.hasOwnProperty.call(message, "notBeforeMs") && (typeof message.notBeforeMs === "object" ? message.notBeforeMs.low || message.notBeforeMs.high : message.notBeforeMs !== 0))
                    writer.uint32(120).int64(message.notBeforeMs);
                if (message.mode != null && $Object.hasOwnProperty.call(message, "mode") && message.mode !== 0)
                    writer.uint32(128).int32(message.mode);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Task.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.Task();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.meta = $root.tso.v1.Meta.decode(reader, reader.size(), $undefined, _depth + 1, message.meta);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.serviceId = value;
                            else
                                delete message.serviceId;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.serviceName = value;
                            else
                                delete message.serviceName;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.stack = value;
                            else
                                delete message.stack;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.slot = value;
                            else
                                delete message.slot;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.nodeId = value;
                            else
                                delete message.nodeId;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            message.spec = $root.tso.v1.TaskSpec.decode(reader, reader.size(), $undefined, _depth + 1, message.spec);
                            continue;
                        }
                    case 9: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.specVersion = value;
                            else
                                delete message.specVersion;
                            continue;
                        }
                    case 10: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.desiredState = value;
                            else
                                delete message.desiredState;
                            continue;
                        }
                    case 11: {
                            if (wireType !== 2)
                                break;
                            message.status = $root.tso.v1.TaskStatus.decode(reader, reader.size(), $undefined, _depth + 1, message.status);
                            continue;
                        }
                    case 12: {
                            if (wireType !== 2)
                                break;
                            if (!(message.networks && message.networks.length))
                                message.networks = [];
                            message.networks.push($root.tso.v1.NetworkAllocation.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 13: {
                            if (wireType !== 2)
                                break;
                            if (!(message.ports && message.ports.length))
                                message.ports = [];
                            message.ports.push($root.tso.v1.PortConfig.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 14: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.pendingReason = value;
                            else
                                delete message.pendingReason;
                            continue;
                        }
                    case 15: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.notBeforeMs = value;
                            else
                                delete message.notBeforeMs;
                            continue;
                        }
                    case 16: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.mode = value;
                            else
                                delete message.mode;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            Task.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.Task)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.Task: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.Task();
                if (object.id != null)
                    if (typeof object.id !== "string" || object.id.length)
                        message.id = $String(object.id);
                if (object.meta != null) {
                    if (!$util.isObject(object.meta))
                        throw $TypeError(".tso.v1.Task.meta: object expected");
                    message.meta = $root.tso.v1.Meta.fromObject(object.meta, _depth + 1);
                }
                if (object.serviceId != null)
                    if (typeof object.serviceId !== "string" || object.serviceId.length)
                        message.serviceId = $String(object.serviceId);
                if (object.serviceName != null)
                    if (typeof object.serviceName !== "string" || object.serviceName.length)
                        message.serviceName = $String(object.serviceName);
                if (object.stack != null)
                    if (typeof object.stack !== "string" || object.stack.length)
                        message.stack = $String(object.stack);
                if (object.slot != null)
                    if ($Number(object.slot) !== 0)
                        message.slot = object.slot >>> 0;
                if (object.nodeId != null)
                    if (typeof object.nodeId !== "string" || object.nodeId.length)
                        message.nodeId = $String(object.nodeId);
                if (object.spec != null) {
                    if (!$util.isObject(object.spec))
                        throw $TypeError(".tso.v1.Task.spec: object expected");
                    message.spec = $root.tso.v1.TaskSpec.fromObject(object.spec, _depth + 1);
                }
                if (object.specVersion != null)
                    if (typeof object.specVersion === "object" ? object.specVersion.low || object.specVersion.high : $Number(object.specVersion) !== 0)
                        if ($util.Long)
                            message.specVersion = $util.Long.fromValue(object.specVersion, true);
                        else if (typeof object.specVersion === "string")
                            message.specVersion = $parseInt(object.specVersion, 10);
                        else if (typeof object.specVersion === "number")
                            message.specVersion = object.specVersion;
                        else if (typeof object.specVersion === "object")
                            message.specVersion = new $util.LongBits(object.specVersion.low >>> 0, object.specVersion.high >>> 0).toNumber(true);
                if (object.desiredState !== 0 && (typeof object.desiredState !== "string" || $root.tso.v1.TaskState[object.desiredState] !== 0))
                    switch (object.desiredState) {
                    case "NEW":
                    case 0:
                        message.desiredState = 0;
                        break;
                    case "ALLOCATED":
                    case 64:
                        message.desiredState = 64;
                        break;
                    case "ASSIGNED":
                    case 192:
                        message.desiredState = 192;
                        break;
                    case "PREPARING":
                    case 320:
                        message.desiredState = 320;
                        break;
                    case "READY":
                    case 384:
                        message.desiredState = 384;
                        break;
                    case "STARTING":
                    case 448:
                        message.desiredState = 448;
                        break;
                    case "RUNNING":
                    case 512:
                        message.desiredState = 512;
                        break;
                    case "COMPLETE":
                    case 576:
                        message.desiredState = 576;
                        break;
                    case "SHUTDOWN":
                    case 640:
                        message.desiredState = 640;
                        break;
                    case "FAILED":
                    case 704:
                        message.desiredState = 704;
                        break;
                    case "REJECTED":
                    case 768:
                        message.desiredState = 768;
                        break;
                    case "REMOVE":
                    case 800:
                        message.desiredState = 800;
                        break;
                    case "ORPHANED":
                    case 832:
                        message.desiredState = 832;
                        break;
                    default:
                        if (typeof object.desiredState === "number" && (object.desiredState | 0) === object.desiredState)
                            message.desiredState = object.desiredState;
                    }
                if (object.status != null) {
                    if (!$util.isObject(object.status))
                        throw $TypeError(".tso.v1.Task.status: object expected");
                    message.status = $root.tso.v1.TaskStatus.fromObject(object.status, _depth + 1);
                }
                if (object.networks) {
                    if (!$Array.isArray(object.networks))
                        throw $TypeError(".tso.v1.Task.networks: array expected");
                    message.networks = $Array(object.networks.length);
                    for (let i = 0; i < object.networks.length; ++i) {
                        if (!$util.isObject(object.networks[i]))
                            throw $TypeError(".tso.v1.Task.networks: object expected");
                        message.networks[i] = $root.tso.v1.NetworkAllocation.fromObject(object.networks[i], _depth + 1);
                    }
                }
                if (object.ports) {
                    if (!$Array.isArray(object.ports))
                        throw $TypeError(".tso.v1.Task.ports: array expected");
                    message.ports = $Array(object.ports.length);
                    for (let i = 0; i < object.ports.length; ++i) {
                        if (!$util.isObject(object.ports[i]))
                            throw $TypeError(".tso.v1.Task.ports: object expected");
                        message.ports[i] = $root.tso.v1.PortConfig.fromObject(object.ports[i], _depth + 1);
                    }
                }
                if (object.pendingReason != null)
                    if (typeof object.pendingReason !== "string" || object.pendingReason.length)
                        message.pendingReason = $String(object.pendingReason);
                if (object.notBeforeMs != null)
                    if (typeof object.notBeforeMs === "object" ? object.notBeforeMs.low || object.notBeforeMs.high : $Number(object.notBeforeMs) !== 0)
                        if ($util.Long)
                            message.notBeforeMs = $util.Long.fromValue(object.notBeforeMs, false);
                        else if (typeof object.notBeforeMs === "string")
                            message.notBeforeMs = $parseInt(object.notBeforeMs, 10);
                        else if (typeof object.notBeforeMs === "number")
                            message.notBeforeMs = object.notBeforeMs;
                        else if (typeof object.notBeforeMs === "object")
                            message.notBeforeMs = new $util.LongBits(object.notBeforeMs.low >>> 0, object.notBeforeMs.high >>> 0).toNumber();
                if (object.mode !== 0 && (typeof object.mode !== "string" || $root.tso.v1.ServiceMode[object.mode] !== 0))
                    switch (object.mode) {
                    case "REPLICATED":
                    case 0:
                        message.mode = 0;
                        break;
                    case "GLOBAL":
                    case 1:
                        message.mode = 1;
                        break;
                    default:
                        if (typeof object.mode === "number" && (object.mode | 0) === object.mode)
                            message.mode = object.mode;
                    }
                return message;
            };

            Task.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults) {
                    object.networks = [];
                    object.ports = [];
                }
                if (options.defaults) {
                    object.id = "";
                    object.meta = null;
                    object.serviceId = "";
                    object.serviceName = "";
                    object.stack = "";
                    object.slot = 0;
                    object.nodeId = "";
                    object.spec = null;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.specVersion = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.specVersion = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.desiredState = options.enums === $String ? "NEW" : 0;
                    object.status = null;
                    object.pendingReason = "";
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.notBeforeMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.notBeforeMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.mode = options.enums === $String ? "REPLICATED" : 0;
                }
                if (message.id != null && $Object.hasOwnProperty.call(message, "id"))
                    object.id = message.id;
                if (message.meta != null && $Object.hasOwnProperty.call(message, "meta"))
                    object.meta = $root.tso.v1.Meta.toObject(message.meta, options, _depth + 1);
                if (message.serviceId != null && $Object.hasOwnProperty.call(message, "serviceId"))
                    object.serviceId = message.serviceId;
                if (message.serviceName != null && $Object.hasOwnProperty.call(message, "serviceName"))
                    object.serviceName = message.serviceName;
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack"))
                    object.stack = message.stack;
                if (message.slot != null && $Object.hasOwnProperty.call(message, "slot"))
                    object.slot = message.slot;
                if (message.nodeId != null && $Object.hasOwnProperty.call(message, "nodeId"))
                    object.nodeId = message.nodeId;
                if (message.spec != null && $Object.hasOwnProperty.call(message, "spec"))
                    object.spec = $root.tso.v1.TaskSpec.toObject(message.spec, options, _depth + 1);
                if (message.specVersion != null && $Object.hasOwnProperty.call(message, "specVersion"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.specVersion = typeof message.specVersion === "number" ? $BigInt(message.specVersion) : $util.Long.fromBits(message.specVersion.low >>> 0, message.specVersion.high >>> 0, true).toBigInt();
                    else if (typeof message.specVersion === "number")
                        object.specVersion = options.longs === $String ? $String(message.specVersion) : message.specVersion;
                    else
                        object.specVersion = options.longs === $String ? $util.Long.prototype.toString.call(message.specVersion) : options.longs === $Number ? new $util.LongBits(message.specVersion.low >>> 0, message.specVersion.high >>> 0).toNumber(true) : message.specVersion;
                if (message.desiredState != null && $Object.hasOwnProperty.call(message, "desiredState"))
                    object.desiredState = options.enums === $String ? $root.tso.v1.TaskState[message.desiredState] === $undefined ? message.desiredState : $root.tso.v1.TaskState[message.desiredState] : message.desiredState;
                if (message.status != null && $Object.hasOwnProperty.call(message, "status"))
                    object.status = $root.tso.v1.TaskStatus.toObject(message.status, options, _depth + 1);
                if (message.networks && message.networks.length) {
                    object.networks = $Array(message.networks.length);
                    for (let j = 0; j < message.networks.length; ++j)
                        object.networks[j] = $root.tso.v1.NetworkAllocation.toObject(message.networks[j], options, _depth + 1);
                }
                if (message.ports && message.ports.length) {
                    object.ports = $Array(message.ports.length);
                    for (let j = 0; j < message.ports.length; ++j)
                        object.ports[j] = $root.tso.v1.PortConfig.toObject(message.ports[j], options, _depth + 1);
                }
                if (message.pendingReason != null && $Object.hasOwnProperty.call(message, "pendingReason"))
                    object.pendingReason = message.pendingReason;
                if (message.notBeforeMs != null && $Object.hasOwnProperty.call(message, "notBeforeMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.notBeforeMs = typeof message.notBeforeMs === "number" ? $BigInt(message.notBeforeMs) : $util.Long.fromBits(message.notBeforeMs.low >>> 0, message.notBeforeMs.high >>> 0, false).toBigInt();
                    else if (typeof message.notBeforeMs === "number")
                        object.notBeforeMs = options.longs === $String ? $String(message.notBeforeMs) : message.notBeforeMs;
                    else
                        object.notBeforeMs = options.longs === $String ? $util.Long.prototype.toString.call(message.notBeforeMs) : options.longs === $Number ? new $util.LongBits(message.notBeforeMs.low >>> 0, message.notBeforeMs.high >>> 0).toNumber() : message.notBeforeMs;
                if (message.mode != null && $Object.hasOwnProperty.call(message, "mode"))
                    object.mode = options.enums === $String ? $root.tso.v1.ServiceMode[message.mode] === $undefined ? message.mode : $root.tso.v1.ServiceMode[message.mode] : message.mode;
                return object;
            };

            Task.prototype.toJSON = function() {
                return Task.toObject(this, $protobuf.util.toJSONOptions);
            };

            return Task;
        })();

        v1.Network = (function() {

            const Network = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Network.prototype.id = "";
            Network.prototype.meta = null;
            Network.prototype.spec = null;
            Network.prototype.stack = "";
            Network.prototype.vni = 0;
            Network.prototype.subnet = "";
            Network.prototype.gateway = "";
            Network.prototype.nextHost = 0;
            Network.prototype.removing = false;

            Network.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(10).string(message.id);
                if (message.meta != null && $Object.hasOwnProperty.call(message, "meta"))
                    $root.tso.v1.Meta.encode(message.meta, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.spec != null && $Object.hasOwnProperty.call(message, "spec"))
                    $root.tso.v1.NetworkSpec.encode(message.spec, writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack") && message.stack !== "")
                    writer.uint32(34).string(message.stack);
                if (message.vni != null && $Object.hasOwnProperty.call(message, "vni") && message.vni !== 0)
                    writer.uint32(40).uint32(message.vni);
                if (message.subnet != null && $Object.hasOwnProperty.call(message, "subnet") && message.subnet !== "")
                    writer.uint32(50).string(message.subnet);
                if (message.gateway != null && $Object.hasOwnProperty.call(message, "gateway") && message.gateway !== "")
                    writer.uint32(58).string(message.gateway);
                if (message.nextHost != null && $Object.hasOwnProperty.call(message, "nextHost") && message.nextHost !== 0)
                    writer.uint32(64).uint32(message.nextHost);
                if (message.removing != null && $Object.hasOwnProperty.call(message, "removing") && message.removing !== false)
                    writer.uint32(72).bool(message.removing);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Network.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.Network();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.meta = $root.tso.v1.Meta.decode(reader, reader.size(), $undefined, _depth + 1, message.meta);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.spec = $root.tso.v1.NetworkSpec.decode(reader, reader.size(), $undefined, _depth + 1, message.spec);
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.stack = value;
                            else
                                delete message.stack;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.vni = value;
                            else
                                delete message.vni;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.subnet = value;
                            else
                                delete message.subnet;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.gateway = value;
                            else
                                delete message.gateway;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.nextHost = value;
                            else
                                delete message.nextHost;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.removing = value;
                            else
                                delete message.removing;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            Network.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.Network)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.Network: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.Network();
                if (object.id != null)
                    if (typeof object.id !== "string" || object.id.length)
                        message.id = $String(object.id);
                if (object.meta != null) {
                    if (!$util.isObject(object.meta))
                        throw $TypeError(".tso.v1.Network.meta: object expected");
                    message.meta = $root.tso.v1.Meta.fromObject(object.meta, _depth + 1);
                }
                if (object.spec != null) {
                    if (!$util.isObject(object.spec))
                        throw $TypeError(".tso.v1.Network.spec: object expected");
                    message.spec = $root.tso.v1.NetworkSpec.fromObject(object.spec, _depth + 1);
                }
                if (object.stack != null)
                    if (typeof object.stack !== "string" || object.stack.length)
                        message.stack = $String(object.stack);
                if (object.vni != null)
                    if ($Number(object.vni) !== 0)
                        message.vni = object.vni >>> 0;
                if (object.subnet != null)
                    if (typeof object.subnet !== "string" || object.subnet.length)
                        message.subnet = $String(object.subnet);
                if (object.gateway != null)
                    if (typeof object.gateway !== "string" || object.gateway.length)
                        message.gateway = $String(object.gateway);
                if (object.nextHost != null)
                    if ($Number(object.nextHost) !== 0)
                        message.nextHost = object.nextHost >>> 0;
                if (object.removing != null)
                    if (object.removing)
                        message.removing = $Boolean(object.removing);
                return message;
            };

            Network.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.id = "";
                    object.meta = null;
                    object.spec = null;
                    object.stack = "";
                    object.vni = 0;
                    object.subnet = "";
                    object.gateway = "";
                    object.nextHost = 0;
                    object.removing = false;
                }
                if (message.id != null && $Object.hasOwnProperty.call(message, "id"))
                    object.id = message.id;
                if (message.meta != null && $Object.hasOwnProperty.call(message, "meta"))
                    object.meta = $root.tso.v1.Meta.toObject(message.meta, options, _depth + 1);
                if (message.spec != null && $Object.hasOwnProperty.call(message, "spec"))
                    object.spec = $root.tso.v1.NetworkSpec.toObject(message.spec, options, _depth + 1);
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack"))
                    object.stack = message.stack;
                if (message.vni != null && $Object.hasOwnProperty.call(message, "vni"))
                    object.vni = message.vni;
                if (message.subnet != null && $Object.hasOwnProperty.call(message, "subnet"))
                    object.subnet = message.subnet;
                if (message.gateway != null && $Object.hasOwnProperty.call(message, "gateway"))
                    object.gateway = message.gateway;
                if (message.nextHost != null && $Object.hasOwnProperty.call(message, "nextHost"))
                    object.nextHost = message.nextHost;
                if (message.removing != null && $Object.hasOwnProperty.call(message, "removing"))
                    object.removing = message.removing;
                return object;
            };

            Network.prototype.toJSON = function() {
                return Network.toObject(this, $protobuf.util.toJSONOptions);
            };

            return Network;
        })();

        v1.Volume = (function() {

            const Volume = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Volume.prototype.id = "";
            Volume.prototype.meta = null;
            Volume.prototype.spec = null;
            Volume.prototype.stack = "";
            Volume.prototype.removing = false;

            Volume.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(10).string(message.id);
                if (message.meta != null && $Object.hasOwnProperty.call(message, "meta"))
                    $root.tso.v1.Meta.encode(message.meta, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.spec != null && $Object.hasOwnProperty.call(message, "spec"))
                    $root.tso.v1.VolumeSpec.encode(message.spec, writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack") && message.stack !== "")
                    writer.uint32(34).string(message.stack);
                if (message.removing != null && $Object.hasOwnProperty.call(message, "removing") && message.removing !== false)
                    writer.uint32(40).bool(message.removing);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Volume.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.Volume();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.meta = $root.tso.v1.Meta.decode(reader, reader.size(), $undefined, _depth + 1, message.meta);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.spec = $root.tso.v1.VolumeSpec.decode(reader, reader.size(), $undefined, _depth + 1, message.spec);
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.stack = value;
                            else
                                delete message.stack;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.removing = value;
                            else
                                delete message.removing;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            Volume.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.Volume)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.Volume: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.Volume();
                if (object.id != null)
                    if (typeof object.id !== "string" || object.id.length)
                        message.id = $String(object.id);
                if (object.meta != null) {
                    if (!$util.isObject(object.meta))
                        throw $TypeError(".tso.v1.Volume.meta: object expected");
                    message.meta = $root.tso.v1.Meta.fromObject(object.meta, _depth + 1);
                }
                if (object.spec != null) {
                    if (!$util.isObject(object.spec))
                        throw $TypeError(".tso.v1.Volume.spec: object expected");
                    message.spec = $root.tso.v1.VolumeSpec.fromObject(object.spec, _depth + 1);
                }
                if (object.stack != null)
                    if (typeof object.stack !== "string" || object.stack.length)
                        message.stack = $String(object.stack);
                if (object.removing != null)
                    if (object.removing)
                        message.removing = $Boolean(object.removing);
                return message;
            };

            Volume.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.id = "";
                    object.meta = null;
                    object.spec = null;
                    object.stack = "";
                    object.removing = false;
                }
                if (message.id != null && $Object.hasOwnProperty.call(message, "id"))
                    object.id = message.id;
                if (message.meta != null && $Object.hasOwnProperty.call(message, "meta"))
                    object.meta = $root.tso.v1.Meta.toObject(message.meta, options, _depth + 1);
                if (message.spec != null && $Object.hasOwnProperty.call(message, "spec"))
                    object.spec = $root.tso.v1.VolumeSpec.toObject(message.spec, options, _depth + 1);
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack"))
                    object.stack = message.stack;
                if (message.removing != null && $Object.hasOwnProperty.call(message, "removing"))
                    object.removing = message.removing;
                return object;
            };

            Volume.prototype.toJSON = function() {
                return Volume.toObject(this, $protobuf.util.toJSONOptions);
            };

            return Volume;
        })();

        v1.LogsOptions = (function() {

            const LogsOptions = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            LogsOptions.prototype.follow = false;
            LogsOptions.prototype.tail = null;
            LogsOptions.prototype.sinceMs = null;
            LogsOptions.prototype.untilMs = null;

            let $oneOfFields;

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(LogsOptions.prototype, "_tail", {
                get: $util.oneOfGetter($oneOfFields = ["tail"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(LogsOptions.prototype, "_sinceMs", {
                get: $util.oneOfGetter($oneOfFields = ["sinceMs"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(LogsOptions.prototype, "_untilMs", {
                get: $util.oneOfGetter($oneOfFields = ["untilMs"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            LogsOptions.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.follow != null && $Object.hasOwnProperty.call(message, "follow") && message.follow !== false)
                    writer.uint32(8).bool(message.follow);
                if (message.tail != null && $Object.hasOwnProperty.call(message, "tail"))
                    writer.uint32(16).int64(message.tail);
                if (message.sinceMs != null && $Object.hasOwnProperty.call(message, "sinceMs"))
                    writer.uint32(24).int64(message.sinceMs);
                if (message.untilMs != null && $Object.hasOwnProperty.call(message, "untilMs"))
                    writer.uint32(32).int64(message.untilMs);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            LogsOptions.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.LogsOptions();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.follow = value;
                            else
                                delete message.follow;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            message.tail = reader.int64();
                            message._tail = "tail";
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            message.sinceMs = reader.int64();
                            message._sinceMs = "sinceMs";
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            message.untilMs = reader.int64();
                            message._untilMs = "untilMs";
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            LogsOptions.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.LogsOptions)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.LogsOptions: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.LogsOptions();
                if (object.follow != null)
                    if (object.follow)
                        message.follow = $Boolean(object.follow);
                if (object.tail != null)
                    if ($util.Long)
                        message.tail = $util.Long.fromValue(object.tail, false);
                    else if (typeof object.tail === "string")
                        message.tail = $parseInt(object.tail, 10);
                    else if (typeof object.tail === "number")
                        message.tail = object.tail;
                    else if (typeof object.tail === "object")
                        message.tail = new $util.LongBits(object.tail.low >>> 0, object.tail.high >>> 0).toNumber();
                if (object.sinceMs != null)
                    if ($util.Long)
                        message.sinceMs = $util.Long.fromValue(object.sinceMs, false);
                    else if (typeof object.sinceMs === "string")
                        message.sinceMs = $parseInt(object.sinceMs, 10);
                    else if (typeof object.sinceMs === "number")
                        message.sinceMs = object.sinceMs;
                    else if (typeof object.sinceMs === "object")
                        message.sinceMs = new $util.LongBits(object.sinceMs.low >>> 0, object.sinceMs.high >>> 0).toNumber();
                if (object.untilMs != null)
                    if ($util.Long)
                        message.untilMs = $util.Long.fromValue(object.untilMs, false);
                    else if (typeof object.untilMs === "string")
                        message.untilMs = $parseInt(object.untilMs, 10);
                    else if (typeof object.untilMs === "number")
                        message.untilMs = object.untilMs;
                    else if (typeof object.untilMs === "object")
                        message.untilMs = new $util.LongBits(object.untilMs.low >>> 0, object.untilMs.high >>> 0).toNumber();
                return message;
            };

            LogsOptions.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults)
                    object.follow = false;
                if (message.follow != null && $Object.hasOwnProperty.call(message, "follow"))
                    object.follow = message.follow;
                if (message.tail != null && $Object.hasOwnProperty.call(message, "tail"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.tail = typeof message.tail === "number" ? $BigInt(message.tail) : $util.Long.fromBits(message.tail.low >>> 0, message.tail.high >>> 0, false).toBigInt();
                    else if (typeof message.tail === "number")
                        object.tail = options.longs === $String ? $String(message.tail) : message.tail;
                    else
                        object.tail = options.longs === $String ? $util.Long.prototype.toString.call(message.tail) : options.longs === $Number ? new $util.LongBits(message.tail.low >>> 0, message.tail.high >>> 0).toNumber() : message.tail;
                if (message.sinceMs != null && $Object.hasOwnProperty.call(message, "sinceMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.sinceMs = typeof message.sinceMs === "number" ? $BigInt(message.sinceMs) : $util.Long.fromBits(message.sinceMs.low >>> 0, message.sinceMs.high >>> 0, false).toBigInt();
                    else if (typeof message.sinceMs === "number")
                        object.sinceMs = options.longs === $String ? $String(message.sinceMs) : message.sinceMs;
                    else
                        object.sinceMs = options.longs === $String ? $util.Long.prototype.toString.call(message.sinceMs) : options.longs === $Number ? new $util.LongBits(message.sinceMs.low >>> 0, message.sinceMs.high >>> 0).toNumber() : message.sinceMs;
                if (message.untilMs != null && $Object.hasOwnProperty.call(message, "untilMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.untilMs = typeof message.untilMs === "number" ? $BigInt(message.untilMs) : $util.Long.fromBits(message.untilMs.low >>> 0, message.untilMs.high >>> 0, false).toBigInt();
                    else if (typeof message.untilMs === "number")
                        object.untilMs = options.longs === $String ? $String(message.untilMs) : message.untilMs;
                    else
                        object.untilMs = options.longs === $String ? $util.Long.prototype.toString.call(message.untilMs) : options.longs === $Number ? new $util.LongBits(message.untilMs.low >>> 0, message.untilMs.high >>> 0).toNumber() : message.untilMs;
                return object;
            };

            LogsOptions.prototype.toJSON = function() {
                return LogsOptions.toObject(this, $protobuf.util.toJSONOptions);
            };

            return LogsOptions;
        })();

        v1.ExecOptions = (function() {

            const ExecOptions = function (properties) {
                this.command = [];
                this.env = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ExecOptions.prototype.command = $util.emptyArray;
            ExecOptions.prototype.user = "";
            ExecOptions.prototype.workingDir = "";
            ExecOptions.prototype.env = $util.emptyArray;
            ExecOptions.prototype.tty = false;
            ExecOptions.prototype.interactive = false;
            ExecOptions.prototype.size = null;
            ExecOptions.prototype.privileged = false;

            let $oneOfFields;

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(ExecOptions.prototype, "_size", {
                get: $util.oneOfGetter($oneOfFields = ["size"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            ExecOptions.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.command != null && message.command.length)
                    for (let i = 0; i < message.command.length; ++i)
                        writer.uint32(10).string(message.command[i]);
                if (message.user != null && $Object.hasOwnProperty.call(message, "user") && message.user !== "")
                    writer.uint32(18).string(message.user);
                if (message.workingDir != null && $Object.hasOwnProperty.call(message, "workingDir") && message.workingDir !== "")
                    writer.uint32(26).string(message.workingDir);
                if (message.env != null && message.env.length)
                    for (let i = 0; i < message.env.length; ++i)
                        writer.uint32(34).string(message.env[i]);
                if (message.tty != null && $Object.hasOwnProperty.call(message, "tty") && message.tty !== false)
                    writer.uint32(40).bool(message.tty);
                if (message.interactive != null && $Object.hasOwnProperty.call(message, "interactive") && message.interactive !== false)
                    writer.uint32(48).bool(message.interactive);
                if (message.size != null && $Object.hasOwnProperty.call(message, "size"))
                    $root.tso.v1.TerminalSize.encode(message.size, writer.uint32(58).fork(), _depth + 1).ldelim();
                if (message.privileged != null && $Object.hasOwnProperty.call(message, "privileged") && message.privileged !== false)
                    writer.uint32(64).bool(message.privileged);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ExecOptions.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ExecOptions();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if (!(message.command && message.command.length))
                                message.command = [];
                            message.command.push(reader.stringVerify());
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.user = value;
                            else
                                delete message.user;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.workingDir = value;
                            else
                                delete message.workingDir;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if (!(message.env && message.env.length))
                                message.env = [];
                            message.env.push(reader.stringVerify());
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.tty = value;
                            else
                                delete message.tty;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.interactive = value;
                            else
                                delete message.interactive;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            message.size = $root.tso.v1.TerminalSize.decode(reader, reader.size(), $undefined, _depth + 1, message.size);
                            message._size = "size";
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.privileged = value;
                            else
                                delete message.privileged;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ExecOptions.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ExecOptions)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ExecOptions: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ExecOptions();
                if (object.command) {
                    if (!$Array.isArray(object.command))
                        throw $TypeError(".tso.v1.ExecOptions.command: array expected");
                    message.command = $Array(object.command.length);
                    for (let i = 0; i < object.command.length; ++i)
                        message.command[i] = $String(object.command[i]);
                }
                if (object.user != null)
                    if (typeof object.user !== "string" || object.user.length)
                        message.user = $String(object.user);
                if (object.workingDir != null)
                    if (typeof object.workingDir !== "string" || object.workingDir.length)
                        message.workingDir = $String(object.workingDir);
                if (object.env) {
                    if (!$Array.isArray(object.env))
                        throw $TypeError(".tso.v1.ExecOptions.env: array expected");
                    message.env = $Array(object.env.length);
                    for (let i = 0; i < object.env.length; ++i)
                        message.env[i] = $String(object.env[i]);
                }
                if (object.tty != null)
                    if (object.tty)
                        message.tty = $Boolean(object.tty);
                if (object.interactive != null)
                    if (object.interactive)
                        message.interactive = $Boolean(object.interactive);
                if (object.size != null) {
                    if (!$util.isObject(object.size))
                        throw $TypeError(".tso.v1.ExecOptions.size: object expected");
                    message.size = $root.tso.v1.TerminalSize.fromObject(object.size, _depth + 1);
                }
                if (object.privileged != null)
                    if (object.privileged)
                        message.privileged = $Boolean(object.privileged);
                return message;
            };

            ExecOptions.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults) {
                    object.command = [];
                    object.env = [];
                }
                if (options.defaults) {
                    object.user = "";
                    object.workingDir = "";
                    object.tty = false;
                    object.interactive = false;
                    object.privileged = false;
                }
                if (message.command && message.command.length) {
                    object.command = $Array(message.command.length);
                    for (let j = 0; j < message.command.length; ++j)
                        object.command[j] = message.command[j];
                }
                if (message.user != null && $Object.hasOwnProperty.call(message, "user"))
                    object.user = message.user;
                if (message.workingDir != null && $Object.hasOwnProperty.call(message, "workingDir"))
                    object.workingDir = message.workingDir;
                if (message.env && message.env.length) {
                    object.env = $Array(message.env.length);
                    for (let j = 0; j < message.env.length; ++j)
                        object.env[j] = message.env[j];
                }
                if (message.tty != null && $Object.hasOwnProperty.call(message, "tty"))
                    object.tty = message.tty;
                if (message.interactive != null && $Object.hasOwnProperty.call(message, "interactive"))
                    object.interactive = message.interactive;
                if (message.size != null && $Object.hasOwnProperty.call(message, "size"))
                    object.size = $root.tso.v1.TerminalSize.toObject(message.size, options, _depth + 1);
                if (message.privileged != null && $Object.hasOwnProperty.call(message, "privileged"))
                    object.privileged = message.privileged;
                return object;
            };

            ExecOptions.prototype.toJSON = function() {
                return ExecOptions.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ExecOptions;
        })();

        v1.TerminalSize = (function() {

            const TerminalSize = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            TerminalSize.prototype.columns = 0;
            TerminalSize.prototype.rows = 0;

            TerminalSize.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.columns != null && $Object.hasOwnProperty.call(message, "columns") && message.columns !== 0)
                    writer.uint32(8).uint32(message.columns);
                if (message.rows != null && $Object.hasOwnProperty.call(message, "rows") && message.rows !== 0)
                    writer.uint32(16).uint32(message.rows);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            TerminalSize.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.TerminalSize();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.columns = value;
                            else
                                delete message.columns;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.rows = value;
                            else
                                delete message.rows;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            TerminalSize.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.TerminalSize)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.TerminalSize: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.TerminalSize();
                if (object.columns != null)
                    if ($Number(object.columns) !== 0)
                        message.columns = object.columns >>> 0;
                if (object.rows != null)
                    if ($Number(object.rows) !== 0)
                        message.rows = object.rows >>> 0;
                return message;
            };

            TerminalSize.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.columns = 0;
                    object.rows = 0;
                }
                if (message.columns != null && $Object.hasOwnProperty.call(message, "columns"))
                    object.columns = message.columns;
                if (message.rows != null && $Object.hasOwnProperty.call(message, "rows"))
                    object.rows = message.rows;
                return object;
            };

            TerminalSize.prototype.toJSON = function() {
                return TerminalSize.toObject(this, $protobuf.util.toJSONOptions);
            };

            return TerminalSize;
        })();

        v1.LogLine = (function() {

            const LogLine = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            LogLine.prototype.taskId = "";
            LogLine.prototype.atNsHigh = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            LogLine.prototype.atNsLow = 0;
            LogLine.prototype.stream = 0;
            LogLine.prototype.data = $util.newBuffer([]);
            LogLine.prototype.partial = false;
            LogLine.prototype.serviceName = "";
            LogLine.prototype.slot = 0;
            LogLine.prototype.stack = "";
            LogLine.prototype.node = "";

            LogLine.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.taskId != null && $Object.hasOwnProperty.call(message, "taskId") && message.taskId !== "")
                    writer.uint32(10).string(message.taskId);
                if (message.atNsHigh != null && $Object.hasOwnProperty.call(message, "atNsHigh") && (typeof message.atNsHigh === "object" ? message.atNsHigh.low || message.atNsHigh.high : message.atNsHigh !== 0))
                    writer.uint32(16).int64(message.atNsHigh);
                if (message.atNsLow != null && $Object.hasOwnProperty.call(message, "atNsLow") && message.atNsLow !== 0)
                    writer.uint32(24).uint32(message.atNsLow);
                if (message.stream != null && $Object.hasOwnProperty.call(message, "stream") && message.stream !== 0)
                    writer.uint32(32).int32(message.stream);
                if (message.data != null && $Object.hasOwnProperty.call(message, "data") && message.data.length)
                    writer.uint32(42).bytes(message.data);
                if (message.partial != null && $Object.hasOwnProperty.call(message, "partial") && message.partial !== false)
                    writer.uint32(48).bool(message.partial);
                if (message.serviceName != null && $Object.hasOwnProperty.call(message, "serviceName") && message.serviceName !== "")
                    writer.uint32(58).string(message.serviceName);
                if (message.slot != null && $Object.hasOwnProperty.call(message, "slot") && message.slot !== 0)
                    writer.uint32(64).uint32(message.slot);
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack") && message.stack !== "")
                    writer.uint32(74).string(message.stack);
                if (message.node != null && $Object.hasOwnProperty.call(message, "node") && message.node !== "")
                    writer.uint32(82).string(message.node);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            LogLine.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.LogLine();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.taskId = value;
                            else
                                delete message.taskId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.atNsHigh = value;
                            else
                                delete message.atNsHigh;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.atNsLow = value;
                            else
                                delete message.atNsLow;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.stream = value;
                            else
                                delete message.stream;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.data = value;
                            else
                                delete message.data;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.partial = value;
                            else
                                delete message.partial;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.serviceName = value;
                            else
                                delete message.serviceName;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.slot = value;
                            else
                                delete message.slot;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.stack = value;
                            else
                                delete message.stack;
                            continue;
                        }
                    case 10: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.node = value;
                            else
                                delete message.node;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            LogLine.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.LogLine)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.LogLine: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.LogLine();
                if (object.taskId != null)
                    if (typeof object.taskId !== "string" || object.taskId.length)
                        message.taskId = $String(object.taskId);
                if (object.atNsHigh != null)
                    if (typeof object.atNsHigh === "object" ? object.atNsHigh.low || object.atNsHigh.high : $Number(object.atNsHigh) !== 0)
                        if ($util.Long)
                            message.atNsHigh = $util.Long.fromValue(object.atNsHigh, false);
                        else if (typeof object.atNsHigh === "string")
                            message.atNsHigh = $parseInt(object.atNsHigh, 10);
                        else if (typeof object.atNsHigh === "number")
                            message.atNsHigh = object.atNsHigh;
                        else if (typeof object.atNsHigh === "object")
                            message.atNsHigh = new $util.LongBits(object.atNsHigh.low >>> 0, object.atNsHigh.high >>> 0).toNumber();
                if (object.atNsLow != null)
                    if ($Number(object.atNsLow) !== 0)
                        message.atNsLow = object.atNsLow >>> 0;
                if (object.stream !== 0 && (typeof object.stream !== "string" || $root.tso.v1.LogStream[object.stream] !== 0))
                    switch (object.stream) {
                    case "STDOUT":
                    case 0:
                        message.stream = 0;
                        break;
                    case "STDERR":
                    case 1:
                        message.stream = 1;
                        break;
                    default:
                        if (typeof object.stream === "number" && (object.stream | 0) === object.stream)
                            message.stream = object.stream;
                    }
                if (object.data != null)
                    if (object.data.length)
                        if (typeof object.data === "string")
                            $util.base64.decode(object.data, message.data = $util.newBuffer($util.base64.length(object.data)), 0);
                        else if (object.data.length >= 0)
                            message.data = object.data;
                if (object.partial != null)
                    if (object.partial)
                        message.partial = $Boolean(object.partial);
                if (object.serviceName != null)
                    if (typeof object.serviceName !== "string" || object.serviceName.length)
                        message.serviceName = $String(object.serviceName);
                if (object.slot != null)
                    if ($Number(object.slot) !== 0)
                        message.slot = object.slot >>> 0;
                if (object.stack != null)
                    if (typeof object.stack !== "string" || object.stack.length)
                        message.stack = $String(object.stack);
                if (object.node != null)
                    if (typeof object.node !== "string" || object.node.length)
                        message.node = $String(object.node);
                return message;
            };

            LogLine.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.taskId = "";
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.atNsHigh = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.atNsHigh = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.atNsLow = 0;
                    object.stream = options.enums === $String ? "STDOUT" : 0;
                    if (options.bytes === $String)
                        object.data = "";
                    else {
                        object.data = [];
                        if (options.bytes !== $Array)
                            object.data = $util.newBuffer(object.data);
                    }
                    object.partial = false;
                    object.serviceName = "";
                    object.slot = 0;
                    object.stack = "";
                    object.node = "";
                }
                if (message.taskId != null && $Object.hasOwnProperty.call(message, "taskId"))
                    object.taskId = message.taskId;
                if (message.atNsHigh != null && $Object.hasOwnProperty.call(message, "atNsHigh"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.atNsHigh = typeof message.atNsHigh === "number" ? $BigInt(message.atNsHigh) : $util.Long.fromBits(message.atNsHigh.low >>> 0, message.atNsHigh.high >>> 0, false).toBigInt();
                    else if (typeof message.atNsHigh === "number")
                        object.atNsHigh = options.longs === $String ? $String(message.atNsHigh) : message.atNsHigh;
                    else
                        object.atNsHigh = options.longs === $String ? $util.Long.prototype.toString.call(message.atNsHigh) : options.longs === $Number ? new $util.LongBits(message.atNsHigh.low >>> 0, message.atNsHigh.high >>> 0).toNumber() : message.atNsHigh;
                if (message.atNsLow != null && $Object.hasOwnProperty.call(message, "atNsLow"))
                    object.atNsLow = message.atNsLow;
                if (message.stream != null && $Object.hasOwnProperty.call(message, "stream"))
                    object.stream = options.enums === $String ? $root.tso.v1.LogStream[message.stream] === $undefined ? message.stream : $root.tso.v1.LogStream[message.stream] : message.stream;
                if (message.data != null && $Object.hasOwnProperty.call(message, "data"))
                    object.data = options.bytes === $String ? $util.base64.encode(message.data, 0, message.data.length) : options.bytes === $Array ? $Array.prototype.slice.call(message.data) : message.data;
                if (message.partial != null && $Object.hasOwnProperty.call(message, "partial"))
                    object.partial = message.partial;
                if (message.serviceName != null && $Object.hasOwnProperty.call(message, "serviceName"))
                    object.serviceName = message.serviceName;
                if (message.slot != null && $Object.hasOwnProperty.call(message, "slot"))
                    object.slot = message.slot;
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack"))
                    object.stack = message.stack;
                if (message.node != null && $Object.hasOwnProperty.call(message, "node"))
                    object.node = message.node;
                return object;
            };

            LogLine.prototype.toJSON = function() {
                return LogLine.toObject(this, $protobuf.util.toJSONOptions);
            };

            return LogLine;
        })();

        v1.RelayError = (function() {

            const RelayError = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            RelayError.prototype.code = "";
            RelayError.prototype.message = "";
            RelayError.prototype.hint = "";

            RelayError.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.code != null && $Object.hasOwnProperty.call(message, "code") && message.code !== "")
                    writer.uint32(10).string(message.code);
                if (message.message != null && $Object.hasOwnProperty.call(message, "message") && message.message !== "")
                    writer.uint32(18).string(message.message);
                if (message.hint != null && $Object.hasOwnProperty.call(message, "hint") && message.hint !== "")
                    writer.uint32(26).string(message.hint);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            RelayError.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.RelayError();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.code = value;
                            else
                                delete message.code;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.message = value;
                            else
                                delete message.message;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.hint = value;
                            else
                                delete message.hint;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            RelayError.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.RelayError)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.RelayError: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.RelayError();
                if (object.code != null)
                    if (typeof object.code !== "string" || object.code.length)
                        message.code = $String(object.code);
                if (object.message != null)
                    if (typeof object.message !== "string" || object.message.length)
                        message.message = $String(object.message);
                if (object.hint != null)
                    if (typeof object.hint !== "string" || object.hint.length)
                        message.hint = $String(object.hint);
                return message;
            };

            RelayError.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.code = "";
                    object.message = "";
                    object.hint = "";
                }
                if (message.code != null && $Object.hasOwnProperty.call(message, "code"))
                    object.code = message.code;
                if (message.message != null && $Object.hasOwnProperty.call(message, "message"))
                    object.message = message.message;
                if (message.hint != null && $Object.hasOwnProperty.call(message, "hint"))
                    object.hint = message.hint;
                return object;
            };

            RelayError.prototype.toJSON = function() {
                return RelayError.toObject(this, $protobuf.util.toJSONOptions);
            };

            return RelayError;
        })();

        v1.RelayFrame = (function() {

            const RelayFrame = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            RelayFrame.prototype.open = null;
            RelayFrame.prototype.stdin = null;
            RelayFrame.prototype.stdout = null;
            RelayFrame.prototype.stderr = null;
            RelayFrame.prototype.resize = null;
            RelayFrame.prototype.stdinEnd = null;
            RelayFrame.prototype.exitCode = null;
            RelayFrame.prototype.log = null;
            RelayFrame.prototype.error = null;
            RelayFrame.prototype.end = null;
            RelayFrame.prototype.signal = null;
            RelayFrame.prototype.warning = null;

            let $oneOfFields;

            $Object.defineProperty(RelayFrame.prototype, "frame", {
                get: $util.oneOfGetter($oneOfFields = ["open", "stdin", "stdout", "stderr", "resize", "stdinEnd", "exitCode", "log", "error", "end", "signal", "warning"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            RelayFrame.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.open != null && $Object.hasOwnProperty.call(message, "open"))
                    writer.uint32(10).string(message.open);
                if (message.stdin != null && $Object.hasOwnProperty.call(message, "stdin"))
                    writer.uint32(18).bytes(message.stdin);
                if (message.stdout != null && $Object.hasOwnProperty.call(message, "stdout"))
                    writer.uint32(26).bytes(message.stdout);
                if (message.stderr != null && $Object.hasOwnProperty.call(message, "stderr"))
                    writer.uint32(34).bytes(message.stderr);
                if (message.resize != null && $Object.hasOwnProperty.call(message, "resize"))
                    $root.tso.v1.TerminalSize.encode(message.resize, writer.uint32(42).fork(), _depth + 1).ldelim();
                if (message.stdinEnd != null && $Object.hasOwnProperty.call(message, "stdinEnd"))
                    writer.uint32(48).bool(message.stdinEnd);
                if (message.exitCode != null && $Object.hasOwnProperty.call(message, "exitCode"))
                    writer.uint32(56).int32(message.exitCode);
                if (message.log != null && $Object.hasOwnProperty.call(message, "log"))
                    $root.tso.v1.LogLine.encode(message.log, writer.uint32(66).fork(), _depth + 1).ldelim();
                if (message.error != null && $Object.hasOwnProperty.call(message, "error"))
                    $root.tso.v1.RelayError.encode(message.error, writer.uint32(74).fork(), _depth + 1).ldelim();
                if (message.end != null && $Object.hasOwnProperty.call(message, "end"))
                    writer.uint32(80).bool(message.end);
                if (message.signal != null && $Object.hasOwnProperty.call(message, "signal"))
                    writer.uint32(90).string(message.signal);
                if (message.warning != null && $Object.hasOwnProperty.call(message, "warning"))
                    writer.uint32(98).string(message.warning);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            RelayFrame.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.RelayFrame();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.open = reader.stringVerify();
                            message.frame = "open";
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.stdin = reader.bytes();
                            message.frame = "stdin";
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.stdout = reader.bytes();
                            message.frame = "stdout";
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.stderr = reader.bytes();
                            message.frame = "stderr";
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            message.resize = $root.tso.v1.TerminalSize.decode(reader, reader.size(), $undefined, _depth + 1, message.resize);
                            message.frame = "resize";
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            message.stdinEnd = reader.bool();
                            message.frame = "stdinEnd";
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            message.exitCode = reader.int32();
                            message.frame = "exitCode";
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            message.log = $root.tso.v1.LogLine.decode(reader, reader.size(), $undefined, _depth + 1, message.log);
                            message.frame = "log";
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            message.error = $root.tso.v1.RelayError.decode(reader, reader.size(), $undefined, _depth + 1, message.error);
                            message.frame = "error";
                            continue;
                        }
                    case 10: {
                            if (wireType !== 0)
                                break;
                            message.end = reader.bool();
                            message.frame = "end";
                            continue;
                        }
                    case 11: {
                            if (wireType !== 2)
                                break;
                            message.signal = reader.stringVerify();
                            message.frame = "signal";
                            continue;
                        }
                    case 12: {
                            if (wireType !== 2)
                                break;
                            message.warning = reader.stringVerify();
                            message.frame = "warning";
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            RelayFrame.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.RelayFrame)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.RelayFrame: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.RelayFrame();
                if (object.open != null)
                    message.open = $String(object.open);
                if (object.stdin != null)
                    if (typeof object.stdin === "string")
                        $util.base64.decode(object.stdin, message.stdin = $util.newBuffer($util.base64.length(object.stdin)), 0);
                    else if (object.stdin.length >= 0)
                        message.stdin = object.stdin;
                if (object.stdout != null)
                    if (typeof object.stdout === "string")
                        $util.base64.decode(object.stdout, message.stdout = $util.newBuffer($util.base64.length(object.stdout)), 0);
                    else if (object.stdout.length >= 0)
                        message.stdout = object.stdout;
                if (object.stderr != null)
                    if (typeof object.stderr === "string")
                        $util.base64.decode(object.stderr, message.stderr = $util.newBuffer($util.base64.length(object.stderr)), 0);
                    else if (object.stderr.length >= 0)
                        message.stderr = object.stderr;
                if (object.resize != null) {
                    if (!$util.isObject(object.resize))
                        throw $TypeError(".tso.v1.RelayFrame.resize: object expected");
                    message.resize = $root.tso.v1.TerminalSize.fromObject(object.resize, _depth + 1);
                }
                if (object.stdinEnd != null)
                    message.stdinEnd = $Boolean(object.stdinEnd);
                if (object.exitCode != null)
                    message.exitCode = object.exitCode | 0;
                if (object.log != null) {
                    if (!$util.isObject(object.log))
                        throw $TypeError(".tso.v1.RelayFrame.log: object expected");
                    message.log = $root.tso.v1.LogLine.fromObject(object.log, _depth + 1);
                }
                if (object.error != null) {
                    if (!$util.isObject(object.error))
                        throw $TypeError(".tso.v1.RelayFrame.error: object expected");
                    message.error = $root.tso.v1.RelayError.fromObject(object.error, _depth + 1);
                }
                if (object.end != null)
                    message.end = $Boolean(object.end);
                if (object.signal != null)
                    message.signal = $String(object.signal);
                if (object.warning != null)
                    message.warning = $String(object.warning);
                return message;
            };

            RelayFrame.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (message.open != null && $Object.hasOwnProperty.call(message, "open")) {
                    object.open = message.open;
                    if (options.oneofs)
                        object.frame = "open";
                }
                if (message.stdin != null && $Object.hasOwnProperty.call(message, "stdin")) {
                    object.stdin = options.bytes === $String ? $util.base64.encode(message.stdin, 0, message.stdin.length) : options.bytes === $Array ? $Array.prototype.slice.call(message.stdin) : message.stdin;
                    if (options.oneofs)
                        object.frame = "stdin";
                }
                if (message.stdout != null && $Object.hasOwnProperty.call(message, "stdout")) {
                    object.stdout = options.bytes === $String ? $util.base64.encode(message.stdout, 0, message.stdout.length) : options.bytes === $Array ? $Array.prototype.slice.call(message.stdout) : message.stdout;
                    if (options.oneofs)
                        object.frame = "stdout";
                }
                if (message.stderr != null && $Object.hasOwnProperty.call(message, "stderr")) {
                    object.stderr = options.bytes === $String ? $util.base64.encode(message.stderr, 0, message.stderr.length) : options.bytes === $Array ? $Array.prototype.slice.call(message.stderr) : message.stderr;
                    if (options.oneofs)
                        object.frame = "stderr";
                }
                if (message.resize != null && $Object.hasOwnProperty.call(message, "resize")) {
                    object.resize = $root.tso.v1.TerminalSize.toObject(message.resize, options, _depth + 1);
                    if (options.oneofs)
                        object.frame = "resize";
                }
                if (message.stdinEnd != null && $Object.hasOwnProperty.call(message, "stdinEnd")) {
                    object.stdinEnd = message.stdinEnd;
                    if (options.oneofs)
                        object.frame = "stdinEnd";
                }
                if (message.exitCode != null && $Object.hasOwnProperty.call(message, "exitCode")) {
                    object.exitCode = message.exitCode;
                    if (options.oneofs)
                        object.frame = "exitCode";
                }
                if (message.log != null && $Object.hasOwnProperty.call(message, "log")) {
                    object.log = $root.tso.v1.LogLine.toObject(message.log, options, _depth + 1);
                    if (options.oneofs)
                        object.frame = "log";
                }
                if (message.error != null && $Object.hasOwnProperty.call(message, "error")) {
                    object.error = $root.tso.v1.RelayError.toObject(message.error, options, _depth + 1);
                    if (options.oneofs)
                        object.frame = "error";
                }
                if (message.end != null && $Object.hasOwnProperty.call(message, "end")) {
                    object.end = message.end;
                    if (options.oneofs)
                        object.frame = "end";
                }
                if (message.signal != null && $Object.hasOwnProperty.call(message, "signal")) {
                    object.signal = message.signal;
                    if (options.oneofs)
                        object.frame = "signal";
                }
                if (message.warning != null && $Object.hasOwnProperty.call(message, "warning")) {
                    object.warning = message.warning;
                    if (options.oneofs)
                        object.frame = "warning";
                }
                return object;
            };

            RelayFrame.prototype.toJSON = function() {
                return RelayFrame.toObject(this, $protobuf.util.toJSONOptions);
            };

            return RelayFrame;
        })();

        v1.AgentMessage = (function() {

            const AgentMessage = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            AgentMessage.prototype.hello = null;
            AgentMessage.prototype.heartbeat = null;
            AgentMessage.prototype.statuses = null;
            AgentMessage.prototype.ack = null;

            let $oneOfFields;

            $Object.defineProperty(AgentMessage.prototype, "message", {
                get: $util.oneOfGetter($oneOfFields = ["hello", "heartbeat", "statuses", "ack"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            AgentMessage.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.hello != null && $Object.hasOwnProperty.call(message, "hello"))
                    $root.tso.v1.AgentHello.encode(message.hello, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.heartbeat != null && $Object.hasOwnProperty.call(message, "heartbeat"))
                    $root.tso.v1.Heartbeat.encode(message.heartbeat, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.statuses != null && $Object.hasOwnProperty.call(message, "statuses"))
                    $root.tso.v1.StatusReport.encode(message.statuses, writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.ack != null && $Object.hasOwnProperty.call(message, "ack"))
                    $root.tso.v1.AssignmentAck.encode(message.ack, writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            AgentMessage.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.AgentMessage();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.hello = $root.tso.v1.AgentHello.decode(reader, reader.size(), $undefined, _depth + 1, message.hello);
                            message.message = "hello";
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.heartbeat = $root.tso.v1.Heartbeat.decode(reader, reader.size(), $undefined, _depth + 1, message.heartbeat);
                            message.message = "heartbeat";
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.statuses = $root.tso.v1.StatusReport.decode(reader, reader.size(), $undefined, _depth + 1, message.statuses);
                            message.message = "statuses";
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.ack = $root.tso.v1.AssignmentAck.decode(reader, reader.size(), $undefined, _depth + 1, message.ack);
                            message.message = "ack";
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            AgentMessage.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.AgentMessage)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.AgentMessage: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.AgentMessage();
                if (object.hello != null) {
                    if (!$util.isObject(object.hello))
                        throw $TypeError(".tso.v1.AgentMessage.hello: object expected");
                    message.hello = $root.tso.v1.AgentHello.fromObject(object.hello, _depth + 1);
                }
                if (object.heartbeat != null) {
                    if (!$util.isObject(object.heartbeat))
                        throw $TypeError(".tso.v1.AgentMessage.heartbeat: object expected");
                    message.heartbeat = $root.tso.v1.Heartbeat.fromObject(object.heartbeat, _depth + 1);
                }
                if (object.statuses != null) {
                    if (!$util.isObject(object.statuses))
                        throw $TypeError(".tso.v1.AgentMessage.statuses: object expected");
                    message.statuses = $root.tso.v1.StatusReport.fromObject(object.statuses, _depth + 1);
                }
                if (object.ack != null) {
                    if (!$util.isObject(object.ack))
                        throw $TypeError(".tso.v1.AgentMessage.ack: object expected");
                    message.ack = $root.tso.v1.AssignmentAck.fromObject(object.ack, _depth + 1);
                }
                return message;
            };

            AgentMessage.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (message.hello != null && $Object.hasOwnProperty.call(message, "hello")) {
                    object.hello = $root.tso.v1.AgentHello.toObject(message.hello, options, _depth + 1);
                    if (options.oneofs)
                        object.message = "hello";
                }
                if (message.heartbeat != null && $Object.hasOwnProperty.call(message, "heartbeat")) {
                    object.heartbeat = $root.tso.v1.Heartbeat.toObject(message.heartbeat, options, _depth + 1);
                    if (options.oneofs)
                        object.message = "heartbeat";
                }
                if (message.statuses != null && $Object.hasOwnProperty.call(message, "statuses")) {
                    object.statuses = $root.tso.v1.StatusReport.toObject(message.statuses, options, _depth + 1);
                    if (options.oneofs)
                        object.message = "statuses";
                }
                if (message.ack != null && $Object.hasOwnProperty.call(message, "ack")) {
                    object.ack = $root.tso.v1.AssignmentAck.toObject(message.ack, options, _depth + 1);
                    if (options.oneofs)
                        object.message = "ack";
                }
                return object;
            };

            AgentMessage.prototype.toJSON = function() {
                return AgentMessage.toObject(this, $protobuf.util.toJSONOptions);
            };

            return AgentMessage;
        })();

        v1.AgentHello = (function() {

            const AgentHello = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            AgentHello.prototype.nodeId = "";
            AgentHello.prototype.description = null;
            AgentHello.prototype.haveVersion = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            AgentHello.prototype.address = "";
            AgentHello.prototype.sessionEpoch = "";

            AgentHello.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.nodeId != null && $Object.hasOwnProperty.call(message, "nodeId") && message.nodeId !== "")
                    writer.uint32(10).string(message.nodeId);
                if (message.description != null && $Object.hasOwnProperty.call(message, "description"))
                    $root.tso.v1.NodeDescription.encode(message.description, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.haveVersion != null && $Object.hasOwnProperty.call(message, "haveVersion") && (typeof message.haveVersion === "object" ? message.haveVersion.low || message.haveVersion.high : message.haveVersion !== 0))
                    writer.uint32(24).uint64(message.haveVersion);
                if (message.address != null && $Object.hasOwnProperty.call(message, "address") && message.address !== "")
                    writer.uint32(34).string(message.address);
                if (message.sessionEpoch != null && $Object.hasOwnProperty.call(message, "sessionEpoch") && message.sessionEpoch !== "")
                    writer.uint32(42).string(message.sessionEpoch);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            AgentHello.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.AgentHello();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.nodeId = value;
                            else
                                delete message.nodeId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.description = $root.tso.v1.NodeDescription.decode(reader, reader.size(), $undefined, _depth + 1, message.description);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.haveVersion = value;
                            else
                                delete message.haveVersion;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.address = value;
                            else
                                delete message.address;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.sessionEpoch = value;
                            else
                                delete message.sessionEpoch;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            AgentHello.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.AgentHello)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.AgentHello: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.AgentHello();
                if (object.nodeId != null)
                    if (typeof object.nodeId !== "string" || object.nodeId.length)
                        message.nodeId = $String(object.nodeId);
                if (object.description != null) {
                    if (!$util.isObject(object.description))
                        throw $TypeError(".tso.v1.AgentHello.description: object expected");
                    message.description = $root.tso.v1.NodeDescription.fromObject(object.description, _depth + 1);
                }
                if (object.haveVersion != null)
                    if (typeof object.haveVersion === "object" ? object.haveVersion.low || object.haveVersion.high : $Number(object.haveVersion) !== 0)
                        if ($util.Long)
                            message.haveVersion = $util.Long.fromValue(object.haveVersion, true);
                        else if (typeof object.haveVersion === "string")
                            message.haveVersion = $parseInt(object.haveVersion, 10);
                        else if (typeof object.haveVersion === "number")
                            message.haveVersion = object.haveVersion;
                        else if (typeof object.haveVersion === "object")
                            message.haveVersion = new $util.LongBits(object.haveVersion.low >>> 0, object.haveVersion.high >>> 0).toNumber(true);
                if (object.address != null)
                    if (typeof object.address !== "string" || object.address.length)
                        message.address = $String(object.address);
                if (object.sessionEpoch != null)
                    if (typeof object.sessionEpoch !== "string" || object.sessionEpoch.length)
                        message.sessionEpoch = $String(object.sessionEpoch);
                return message;
            };

            AgentHello.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.nodeId = "";
                    object.description = null;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.haveVersion = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.haveVersion = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.address = "";
                    object.sessionEpoch = "";
                }
                if (message.nodeId != null && $Object.hasOwnProperty.call(message, "nodeId"))
                    object.nodeId = message.nodeId;
                if (message.description != null && $Object.hasOwnProperty.call(message, "description"))
                    object.description = $root.tso.v1.NodeDescription.toObject(message.description, options, _depth + 1);
                if (message.haveVersion != null && $Object.hasOwnProperty.call(message, "haveVersion"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.haveVersion = typeof message.haveVersion === "number" ? $BigInt(message.haveVersion) : $util.Long.fromBits(message.haveVersion.low >>> 0, message.haveVersion.high >>> 0, true).toBigInt();
                    else if (typeof message.haveVersion === "number")
                        object.haveVersion = options.longs === $String ? $String(message.haveVersion) : message.haveVersion;
                    else
                        object.haveVersion = options.longs === $String ? $util.Long.prototype.toString.call(message.haveVersion) : options.longs === $Number ? new $util.LongBits(message.haveVersion.low >>> 0, message.haveVersion.high >>> 0).toNumber(true) : message.haveVersion;
                if (message.address != null && $Object.hasOwnProperty.call(message, "address"))
                    object.address = message.address;
                if (message.sessionEpoch != null && $Object.hasOwnProperty.call(message, "sessionEpoch"))
                    object.sessionEpoch = message.sessionEpoch;
                return object;
            };

            AgentHello.prototype.toJSON = function() {
                return AgentHello.toObject(this, $protobuf.util.toJSONOptions);
            };

            return AgentHello;
        })();

        v1.Heartbeat = (function() {

            const Heartbeat = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Heartbeat.prototype.sequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            Heartbeat.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence") && (typeof message.sequence === "object" ? message.sequence.low || message.sequence.high : message.sequence !== 0))
                    writer.uint32(8).uint64(message.sequence);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Heartbeat.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.Heartbeat();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.sequence = value;
                            else
                                delete message.sequence;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            Heartbeat.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.Heartbeat)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.Heartbeat: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.Heartbeat();
                if (object.sequence != null)
                    if (typeof object.sequence === "object" ? object.sequence.low || object.sequence.high : $Number(object.sequence) !== 0)
                        if ($util.Long)
                            message.sequence = $util.Long.fromValue(object.sequence, true);
                        else if (typeof object.sequence === "string")
                            message.sequence = $parseInt(object.sequence, 10);
                        else if (typeof object.sequence === "number")
                            message.sequence = object.sequence;
                        else if (typeof object.sequence === "object")
                            message.sequence = new $util.LongBits(object.sequence.low >>> 0, object.sequence.high >>> 0).toNumber(true);
                return message;
            };

            Heartbeat.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults)
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.sequence = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.sequence = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.sequence = typeof message.sequence === "number" ? $BigInt(message.sequence) : $util.Long.fromBits(message.sequence.low >>> 0, message.sequence.high >>> 0, true).toBigInt();
                    else if (typeof message.sequence === "number")
                        object.sequence = options.longs === $String ? $String(message.sequence) : message.sequence;
                    else
                        object.sequence = options.longs === $String ? $util.Long.prototype.toString.call(message.sequence) : options.longs === $Number ? new $util.LongBits(message.sequence.low >>> 0, message.sequence.high >>> 0).toNumber(true) : message.sequence;
                return object;
            };

            Heartbeat.prototype.toJSON = function() {
                return Heartbeat.toObject(this, $protobuf.util.toJSONOptions);
            };

            return Heartbeat;
        })();

        v1.TaskStatusUpdate = (function() {

            const TaskStatusUpdate = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            TaskStatusUpdate.prototype.taskId = "";
            TaskStatusUpdate.prototype.status = null;

            TaskStatusUpdate.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.taskId != null && $Object.hasOwnProperty.call(message, "taskId") && message.taskId !== "")
                    writer.uint32(10).string(message.taskId);
                if (message.status != null && $Object.hasOwnProperty.call(message, "status"))
                    $root.tso.v1.TaskStatus.encode(message.status, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            TaskStatusUpdate.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.TaskStatusUpdate();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.taskId = value;
                            else
                                delete message.taskId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.status = $root.tso.v1.TaskStatus.decode(reader, reader.size(), $undefined, _depth + 1, message.status);
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            TaskStatusUpdate.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.TaskStatusUpdate)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.TaskStatusUpdate: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.TaskStatusUpdate();
                if (object.taskId != null)
                    if (typeof object.taskId !== "string" || object.taskId.length)
                        message.taskId = $String(object.taskId);
                if (object.status != null) {
                    if (!$util.isObject(object.status))
                        throw $TypeError(".tso.v1.TaskStatusUpdate.status: object expected");
                    message.status = $root.tso.v1.TaskStatus.fromObject(object.status, _depth + 1);
                }
                return message;
            };

            TaskStatusUpdate.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.taskId = "";
                    object.status = null;
                }
                if (message.taskId != null && $Object.hasOwnProperty.call(message, "taskId"))
                    object.taskId = message.taskId;
                if (message.status != null && $Object.hasOwnProperty.call(message, "status"))
                    object.status = $root.tso.v1.TaskStatus.toObject(message.status, options, _depth + 1);
                return object;
            };

            TaskStatusUpdate.prototype.toJSON = function() {
                return TaskStatusUpdate.toObject(this, $protobuf.util.toJSONOptions);
            };

            return TaskStatusUpdate;
        })();

        v1.StatusReport = (function() {

            const StatusReport = function (properties) {
                this.updates = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            StatusReport.prototype.updates = $util.emptyArray;
            StatusReport.prototype.sequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            StatusReport.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.updates != null && message.updates.length)
                    for (let i = 0; i < message.updates.length; ++i)
                        $root.tso.v1.TaskStatusUpdate.encode(message.updates[i], writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence") && (typeof message.sequence === "object" ? message.sequence.low || message.sequence.high : message.sequence !== 0))
                    writer.uint32(16).uint64(message.sequence);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            StatusReport.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.StatusReport();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if (!(message.updates && message.updates.length))
                                message.updates = [];
                            message.updates.push($root.tso.v1.TaskStatusUpdate.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.sequence = value;
                            else
                                delete message.sequence;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            StatusReport.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.StatusReport)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.StatusReport: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.StatusReport();
                if (object.updates) {
                    if (!$Array.isArray(object.updates))
                        throw $TypeError(".tso.v1.StatusReport.updates: array expected");
                    message.updates = $Array(object.updates.length);
                    for (let i = 0; i < object.updates.length; ++i) {
                        if (!$util.isObject(object.updates[i]))
                            throw $TypeError(".tso.v1.StatusReport.updates: object expected");
                        message.updates[i] = $root.tso.v1.TaskStatusUpdate.fromObject(object.updates[i], _depth + 1);
                    }
                }
                if (object.sequence != null)
                    if (typeof object.sequence === "object" ? object.sequence.low || object.sequence.high : $Number(object.sequence) !== 0)
                        if ($util.Long)
                            message.sequence = $util.Long.fromValue(object.sequence, true);
                        else if (typeof object.sequence === "string")
                            message.sequence = $parseInt(object.sequence, 10);
                        else if (typeof object.sequence === "number")
                            message.sequence = object.sequence;
                        else if (typeof object.sequence === "object")
                            message.sequence = new $util.LongBits(object.sequence.low >>> 0, object.sequence.high >>> 0).toNumber(true);
                return message;
            };

            StatusReport.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.updates = [];
                if (options.defaults)
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.sequence = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.sequence = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                if (message.updates && message.updates.length) {
                    object.updates = $Array(message.updates.length);
                    for (let j = 0; j < message.updates.length; ++j)
                        object.updates[j] = $root.tso.v1.TaskStatusUpdate.toObject(message.updates[j], options, _depth + 1);
                }
                if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.sequence = typeof message.sequence === "number" ? $BigInt(message.sequence) : $util.Long.fromBits(message.sequence.low >>> 0, message.sequence.high >>> 0, true).toBigInt();
                    else if (typeof message.sequence === "number")
                        object.sequence = options.longs === $String ? $String(message.sequence) : message.sequence;
                    else
                        object.sequence = options.longs === $String ? $util.Long.prototype.toString.call(message.sequence) : options.longs === $Number ? new $util.LongBits(message.sequence.low >>> 0, message.sequence.high >>> 0).toNumber(true) : message.sequence;
                return object;
            };

            StatusReport.prototype.toJSON = function() {
                return StatusReport.toObject(this, $protobuf.util.toJSONOptions);
            };

            return StatusReport;
        })();

        v1.AssignmentAck = (function() {

            const AssignmentAck = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            AssignmentAck.prototype.version = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            AssignmentAck.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && (typeof message.version === "object" ? message.version.low || message.version.high : message.version !== 0))
                    writer.uint32(8).uint64(message.version);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            AssignmentAck.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.AssignmentAck();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            AssignmentAck.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.AssignmentAck)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.AssignmentAck: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.AssignmentAck();
                if (object.version != null)
                    if (typeof object.version === "object" ? object.version.low || object.version.high : $Number(object.version) !== 0)
                        if ($util.Long)
                            message.version = $util.Long.fromValue(object.version, true);
                        else if (typeof object.version === "string")
                            message.version = $parseInt(object.version, 10);
                        else if (typeof object.version === "number")
                            message.version = object.version;
                        else if (typeof object.version === "object")
                            message.version = new $util.LongBits(object.version.low >>> 0, object.version.high >>> 0).toNumber(true);
                return message;
            };

            AssignmentAck.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults)
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.version = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.version = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                if (message.version != null && $Object.hasOwnProperty.call(message, "version"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.version = typeof message.version === "number" ? $BigInt(message.version) : $util.Long.fromBits(message.version.low >>> 0, message.version.high >>> 0, true).toBigInt();
                    else if (typeof message.version === "number")
                        object.version = options.longs === $String ? $String(message.version) : message.version;
                    else
                        object.version = options.longs === $String ? $util.Long.prototype.toString.call(message.version) : options.longs === $Number ? new $util.LongBits(message.version.low >>> 0, message.version.high >>> 0).toNumber(true) : message.version;
                return object;
            };

            AssignmentAck.prototype.toJSON = function() {
                return AssignmentAck.toObject(this, $protobuf.util.toJSONOptions);
            };

            return AssignmentAck;
        })();

        v1.ManagerMessage = (function() {

            const ManagerMessage = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ManagerMessage.prototype.welcome = null;
            ManagerMessage.prototype.assignments = null;
            ManagerMessage.prototype.relay = null;
            ManagerMessage.prototype.heartbeatAck = null;
            ManagerMessage.prototype.statusAck = null;
            ManagerMessage.prototype.relayCancel = null;

            let $oneOfFields;

            $Object.defineProperty(ManagerMessage.prototype, "message", {
                get: $util.oneOfGetter($oneOfFields = ["welcome", "assignments", "relay", "heartbeatAck", "statusAck", "relayCancel"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            ManagerMessage.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.welcome != null && $Object.hasOwnProperty.call(message, "welcome"))
                    $root.tso.v1.ManagerWelcome.encode(message.welcome, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.assignments != null && $Object.hasOwnProperty.call(message, "assignments"))
                    $root.tso.v1.AssignmentSet.encode(message.assignments, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.relay != null && $Object.hasOwnProperty.call(message, "relay"))
                    $root.tso.v1.RelayRequest.encode(message.relay, writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.heartbeatAck != null && $Object.hasOwnProperty.call(message, "heartbeatAck"))
                    $root.tso.v1.HeartbeatAck.encode(message.heartbeatAck, writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.statusAck != null && $Object.hasOwnProperty.call(message, "statusAck"))
                    $root.tso.v1.StatusAck.encode(message.statusAck, writer.uint32(42).fork(), _depth + 1).ldelim();
                if (message.relayCancel != null && $Object.hasOwnProperty.call(message, "relayCancel"))
                    $root.tso.v1.RelayCancel.encode(message.relayCancel, writer.uint32(50).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ManagerMessage.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ManagerMessage();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.welcome = $root.tso.v1.ManagerWelcome.decode(reader, reader.size(), $undefined, _depth + 1, message.welcome);
                            message.message = "welcome";
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.assignments = $root.tso.v1.AssignmentSet.decode(reader, reader.size(), $undefined, _depth + 1, message.assignments);
                            message.message = "assignments";
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.relay = $root.tso.v1.RelayRequest.decode(reader, reader.size(), $undefined, _depth + 1, message.relay);
                            message.message = "relay";
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.heartbeatAck = $root.tso.v1.HeartbeatAck.decode(reader, reader.size(), $undefined, _depth + 1, message.heartbeatAck);
                            message.message = "heartbeatAck";
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            message.statusAck = $root.tso.v1.StatusAck.decode(reader, reader.size(), $undefined, _depth + 1, message.statusAck);
                            message.message = "statusAck";
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            message.relayCancel = $root.tso.v1.RelayCancel.decode(reader, reader.size(), $undefined, _depth + 1, message.relayCancel);
                            message.message = "relayCancel";
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ManagerMessage.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ManagerMessage)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ManagerMessage: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ManagerMessage();
                if (object.welcome != null) {
                    if (!$util.isObject(object.welcome))
                        throw $TypeError(".tso.v1.ManagerMessage.welcome: object expected");
                    message.welcome = $root.tso.v1.ManagerWelcome.fromObject(object.welcome, _depth + 1);
                }
                if (object.assignments != null) {
                    if (!$util.isObject(object.assignments))
                        throw $TypeError(".tso.v1.ManagerMessage.assignments: object expected");
                    message.assignments = $root.tso.v1.AssignmentSet.fromObject(object.assignments, _depth + 1);
                }
                if (object.relay != null) {
                    if (!$util.isObject(object.relay))
                        throw $TypeError(".tso.v1.ManagerMessage.relay: object expected");
                    message.relay = $root.tso.v1.RelayRequest.fromObject(object.relay, _depth + 1);
                }
                if (object.heartbeatAck != null) {
                    if (!$util.isObject(object.heartbeatAck))
                        throw $TypeError(".tso.v1.ManagerMessage.heartbeatAck: object expected");
                    message.heartbeatAck = $root.tso.v1.HeartbeatAck.fromObject(object.heartbeatAck, _depth + 1);
                }
                if (object.statusAck != null) {
                    if (!$util.isObject(object.statusAck))
                        throw $TypeError(".tso.v1.ManagerMessage.statusAck: object expected");
                    message.statusAck = $root.tso.v1.StatusAck.fromObject(object.statusAck, _depth + 1);
                }
                if (object.relayCancel != null) {
                    if (!$util.isObject(object.relayCancel))
                        throw $TypeError(".tso.v1.ManagerMessage.relayCancel: object expected");
                    message.relayCancel = $root.tso.v1.RelayCancel.fromObject(object.relayCancel, _depth + 1);
                }
                return message;
            };

            ManagerMessage.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (message.welcome != null && $Object.hasOwnProperty.call(message, "welcome")) {
                    object.welcome = $root.tso.v1.ManagerWelcome.toObject(message.welcome, options, _depth + 1);
                    if (options.oneofs)
                        object.message = "welcome";
                }
                if (message.assignments != null && $Object.hasOwnProperty.call(message, "assignments")) {
                    object.assignments = $root.tso.v1.AssignmentSet.toObject(message.assignments, options, _depth + 1);
                    if (options.oneofs)
                        object.message = "assignments";
                }
                if (message.relay != null && $Object.hasOwnProperty.call(message, "relay")) {
                    object.relay = $root.tso.v1.RelayRequest.toObject(message.relay, options, _depth + 1);
                    if (options.oneofs)
                        object.message = "relay";
                }
                if (message.heartbeatAck != null && $Object.hasOwnProperty.call(message, "heartbeatAck")) {
                    object.heartbeatAck = $root.tso.v1.HeartbeatAck.toObject(message.heartbeatAck, options, _depth + 1);
                    if (options.oneofs)
                        object.message = "heartbeatAck";
                }
                if (message.statusAck != null && $Object.hasOwnProperty.call(message, "statusAck")) {
                    object.statusAck = $root.tso.v1.StatusAck.toObject(message.statusAck, options, _depth + 1);
                    if (options.oneofs)
                        object.message = "statusAck";
                }
                if (message.relayCancel != null && $Object.hasOwnProperty.call(message, "relayCancel")) {
                    object.relayCancel = $root.tso.v1.RelayCancel.toObject(message.relayCancel, options, _depth + 1);
                    if (options.oneofs)
                        object.message = "relayCancel";
                }
                return object;
            };

            ManagerMessage.prototype.toJSON = function() {
                return ManagerMessage.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ManagerMessage;
        })();

        v1.ManagerWelcome = (function() {

            const ManagerWelcome = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ManagerWelcome.prototype.epoch = "";
            ManagerWelcome.prototype.heartbeatMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            ManagerWelcome.prototype.clusterId = "";
            ManagerWelcome.prototype.addressPool = "";
            ManagerWelcome.prototype.vxlanPort = 0;

            ManagerWelcome.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && message.epoch !== "")
                    writer.uint32(10).string(message.epoch);
                if (message.heartbeatMs != null && $Object.hasOwnProperty.call(message, "heartbeatMs") && (typeof message.heartbeatMs === "object" ? message.heartbeatMs.low || message.heartbeatMs.high : message.heartbeatMs !== 0))
                    writer.uint32(16).int64(message.heartbeatMs);
                if (message.clusterId != null && $Object.hasOwnProperty.call(message, "clusterId") && message.clusterId !== "")
                    writer.uint32(26).string(message.clusterId);
                if (message.addressPool != null && $Object.hasOwnProperty.call(message, "addressPool") && message.addressPool !== "")
                    writer.uint32(34).string(message.addressPool);
                if (message.vxlanPort != null && $Object.hasOwnProperty.call(message, "vxlanPort") && message.vxlanPort !== 0)
                    writer.uint32(40).uint32(message.vxlanPort);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ManagerWelcome.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ManagerWelcome();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.epoch = value;
                            else
                                delete message.epoch;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.heartbeatMs = value;
                            else
                                delete message.heartbeatMs;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.clusterId = value;
                            else
                                delete message.clusterId;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.addressPool = value;
                            else
                                delete message.addressPool;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.vxlanPort = value;
                            else
                                delete message.vxlanPort;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ManagerWelcome.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ManagerWelcome)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ManagerWelcome: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ManagerWelcome();
                if (object.epoch != null)
                    if (typeof object.epoch !== "string" || object.epoch.length)
                        message.epoch = $String(object.epoch);
                if (object.heartbeatMs != null)
                    if (typeof object.heartbeatMs === "object" ? object.heartbeatMs.low || object.heartbeatMs.high : $Number(object.heartbeatMs) !== 0)
                        if ($util.Long)
                            message.heartbeatMs = $util.Long.fromValue(object.heartbeatMs, false);
                        else if (typeof object.heartbeatMs === "string")
                            message.heartbeatMs = $parseInt(object.heartbeatMs, 10);
                        else if (typeof object.heartbeatMs === "number")
                            message.heartbeatMs = object.heartbeatMs;
                        else if (typeof object.heartbeatMs === "object")
                            message.heartbeatMs = new $util.LongBits(object.heartbeatMs.low >>> 0, object.heartbeatMs.high >>> 0).toNumber();
                if (object.clusterId != null)
                    if (typeof object.clusterId !== "string" || object.clusterId.length)
                        message.clusterId = $String(object.clusterId);
                if (object.addressPool != null)
                    if (typeof object.addressPool !== "string" || object.addressPool.length)
                        message.addressPool = $String(object.addressPool);
                if (object.vxlanPort != null)
                    if ($Number(object.vxlanPort) !== 0)
                        message.vxlanPort = object.vxlanPort >>> 0;
                return message;
            };

            ManagerWelcome.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.epoch = "";
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.heartbeatMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.heartbeatMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.clusterId = "";
                    object.addressPool = "";
                    object.vxlanPort = 0;
                }
                if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch"))
                    object.epoch = message.epoch;
                if (message.heartbeatMs != null && $Object.hasOwnProperty.call(message, "heartbeatMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.heartbeatMs = typeof message.heartbeatMs === "number" ? $BigInt(message.heartbeatMs) : $util.Long.fromBits(message.heartbeatMs.low >>> 0, message.heartbeatMs.high >>> 0, false).toBigInt();
                    else if (typeof message.heartbeatMs === "number")
                        object.heartbeatMs = options.longs === $String ? $String(message.heartbeatMs) : message.heartbeatMs;
                    else
                        object.heartbeatMs = options.longs === $String ? $util.Long.prototype.toString.call(message.heartbeatMs) : options.longs === $Number ? new $util.LongBits(message.heartbeatMs.low >>> 0, message.heartbeatMs.high >>> 0).toNumber() : message.heartbeatMs;
                if (message.clusterId != null && $Object.hasOwnProperty.call(message, "clusterId"))
                    object.clusterId = message.clusterId;
                if (message.addressPool != null && $Object.hasOwnProperty.call(message, "addressPool"))
                    object.addressPool = message.addressPool;
                if (message.vxlanPort != null && $Object.hasOwnProperty.call(message, "vxlanPort"))
                    object.vxlanPort = message.vxlanPort;
                return object;
            };

            ManagerWelcome.prototype.toJSON = function() {
                return ManagerWelcome.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ManagerWelcome;
        })();

        v1.HeartbeatAck = (function() {

            const HeartbeatAck = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            HeartbeatAck.prototype.sequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            HeartbeatAck.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence") && (typeof message.sequence === "object" ? message.sequence.low || message.sequence.high : message.sequence !== 0))
                    writer.uint32(8).uint64(message.sequence);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            HeartbeatAck.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.HeartbeatAck();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.sequence = value;
                            else
                                delete message.sequence;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            HeartbeatAck.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.HeartbeatAck)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.HeartbeatAck: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.HeartbeatAck();
                if (object.sequence != null)
                    if (typeof object.sequence === "object" ? object.sequence.low || object.sequence.high : $Number(object.sequence) !== 0)
                        if ($util.Long)
                            message.sequence = $util.Long.fromValue(object.sequence, true);
                        else if (typeof object.sequence === "string")
                            message.sequence = $parseInt(object.sequence, 10);
                        else if (typeof object.sequence === "number")
                            message.sequence = object.sequence;
                        else if (typeof object.sequence === "object")
                            message.sequence = new $util.LongBits(object.sequence.low >>> 0, object.sequence.high >>> 0).toNumber(true);
                return message;
            };

            HeartbeatAck.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults)
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.sequence = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.sequence = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.sequence = typeof message.sequence === "number" ? $BigInt(message.sequence) : $util.Long.fromBits(message.sequence.low >>> 0, message.sequence.high >>> 0, true).toBigInt();
                    else if (typeof message.sequence === "number")
                        object.sequence = options.longs === $String ? $String(message.sequence) : message.sequence;
                    else
                        object.sequence = options.longs === $String ? $util.Long.prototype.toString.call(message.sequence) : options.longs === $Number ? new $util.LongBits(message.sequence.low >>> 0, message.sequence.high >>> 0).toNumber(true) : message.sequence;
                return object;
            };

            HeartbeatAck.prototype.toJSON = function() {
                return HeartbeatAck.toObject(this, $protobuf.util.toJSONOptions);
            };

            return HeartbeatAck;
        })();

        v1.StatusAck = (function() {

            const StatusAck = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            StatusAck.prototype.sequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            StatusAck.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence") && (typeof message.sequence === "object" ? message.sequence.low || message.sequence.high : message.sequence !== 0))
                    writer.uint32(8).uint64(message.sequence);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            StatusAck.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.StatusAck();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.sequence = value;
                            else
                                delete message.sequence;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            StatusAck.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.StatusAck)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.StatusAck: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.StatusAck();
                if (object.sequence != null)
                    if (typeof object.sequence === "object" ? object.sequence.low || object.sequence.high : $Number(object.sequence) !== 0)
                        if ($util.Long)
                            message.sequence = $util.Long.fromValue(object.sequence, true);
                        else if (typeof object.sequence === "string")
                            message.sequence = $parseInt(object.sequence, 10);
                        else if (typeof object.sequence === "number")
                            message.sequence = object.sequence;
                        else if (typeof object.sequence === "object")
                            message.sequence = new $util.LongBits(object.sequence.low >>> 0, object.sequence.high >>> 0).toNumber(true);
                return message;
            };

            StatusAck.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults)
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.sequence = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.sequence = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.sequence = typeof message.sequence === "number" ? $BigInt(message.sequence) : $util.Long.fromBits(message.sequence.low >>> 0, message.sequence.high >>> 0, true).toBigInt();
                    else if (typeof message.sequence === "number")
                        object.sequence = options.longs === $String ? $String(message.sequence) : message.sequence;
                    else
                        object.sequence = options.longs === $String ? $util.Long.prototype.toString.call(message.sequence) : options.longs === $Number ? new $util.LongBits(message.sequence.low >>> 0, message.sequence.high >>> 0).toNumber(true) : message.sequence;
                return object;
            };

            StatusAck.prototype.toJSON = function() {
                return StatusAck.toObject(this, $protobuf.util.toJSONOptions);
            };

            return StatusAck;
        })();

        v1.AssignmentSet = (function() {

            const AssignmentSet = function (properties) {
                this.tasks = [];
                this.removedTasks = [];
                this.networks = [];
                this.removedNetworks = [];
                this.volumes = [];
                this.removedVolumes = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            AssignmentSet.prototype.version = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            AssignmentSet.prototype.baseVersion = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            AssignmentSet.prototype.tasks = $util.emptyArray;
            AssignmentSet.prototype.removedTasks = $util.emptyArray;
            AssignmentSet.prototype.networks = $util.emptyArray;
            AssignmentSet.prototype.removedNetworks = $util.emptyArray;
            AssignmentSet.prototype.volumes = $util.emptyArray;
            AssignmentSet.prototype.removedVolumes = $util.emptyArray;

            AssignmentSet.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && (typeof message.version === "object" ? message.version.low || message.version.high : message.version !== 0))
                    writer.uint32(8).uint64(message.version);
                if (message.baseVersion != null && $Object.hasOwnProperty.call(message, "baseVersion") && (typeof message.baseVersion === "object" ? message.baseVersion.low || message.baseVersion.high : message.baseVersion !== 0))
                    writer.uint32(16).uint64(message.baseVersion);
                if (message.tasks != null && message.tasks.length)
                    for (let i = 0; i < message.tasks.length; ++i)
                        $root.tso.v1.Task.encode(message.tasks[i], writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.removedTasks != null && message.removedTasks.length)
                    for (let i = 0; i < message.removedTasks.length; ++i)
                        writer.uint32(34).string(message.removedTasks[i]);
                if (message.networks != null && message.networks.length)
                    for (let i = 0; i < message.networks.length; ++i)
                        $root.tso.v1.NetworkAssignment.encode(message.networks[i], writer.uint32(42).fork(), _depth + 1).ldelim();
                if (message.removedNetworks != null && message.removedNetworks.length)
                    for (let i = 0; i < message.removedNetworks.length; ++i)
                        writer.uint32(50).string(message.removedNetworks[i]);
                if (message.volumes != null && message.volumes.length)
                    for (let i = 0; i < message.volumes.length; ++i)
                        $root.tso.v1.Volume.encode(message.volumes[i], writer.uint32(58).fork(), _depth + 1).ldelim();
                if (message.removedVolumes != null && message.removedVolumes.length)
                    for (let i = 0; i < message.removedVolumes.length; ++i)
                        writer.uint32(66).string(message.removedVolumes[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            AssignmentSet.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.AssignmentSet();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.baseVersion = value;
                            else
                                delete message.baseVersion;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.tasks && message.tasks.length))
                                message.tasks = [];
                            message.tasks.push($root.tso.v1.Task.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if (!(message.removedTasks && message.removedTasks.length))
                                message.removedTasks = [];
                            message.removedTasks.push(reader.stringVerify());
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (!(message.networks && message.networks.length))
                                message.networks = [];
                            message.networks.push($root.tso.v1.NetworkAssignment.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if (!(message.removedNetworks && message.removedNetworks.length))
                                message.removedNetworks = [];
                            message.removedNetworks.push(reader.stringVerify());
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if (!(message.volumes && message.volumes.length))
                                message.volumes = [];
                            message.volumes.push($root.tso.v1.Volume.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            if (!(message.removedVolumes && message.removedVolumes.length))
                                message.removedVolumes = [];
                            message.removedVolumes.push(reader.stringVerify());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            AssignmentSet.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.AssignmentSet)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.AssignmentSet: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.AssignmentSet();
                if (object.version != null)
                    if (typeof object.version === "object" ? object.version.low || object.version.high : $Number(object.version) !== 0)
                        if ($util.Long)
                            message.version = $util.Long.fromValue(object.version, true);
                        else if (typeof object.version === "string")
                            message.version = $parseInt(object.version, 10);
                        else if (typeof object.version === "number")
                            message.version = object.version;
                        else if (typeof object.version === "object")
                            message.version = new $util.LongBits(object.version.low >>> 0, object.version.high >>> 0).toNumber(true);
                if (object.baseVersion != null)
                    if (typeof object.baseVersion === "object" ? object.baseVersion.low || object.baseVersion.high : $Number(object.baseVersion) !== 0)
                        if ($util.Long)
                            message.baseVersion = $util.Long.fromValue(object.baseVersion, true);
                        else if (typeof object.baseVersion === "string")
                            message.baseVersion = $parseInt(object.baseVersion, 10);
                        else if (typeof object.baseVersion === "number")
                            message.baseVersion = object.baseVersion;
                        else if (typeof object.baseVersion === "object")
                            message.baseVersion = new $util.LongBits(object.baseVersion.low >>> 0, object.baseVersion.high >>> 0).toNumber(true);
                if (object.tasks) {
                    if (!$Array.isArray(object.tasks))
                        throw $TypeError(".tso.v1.AssignmentSet.tasks: array expected");
                    message.tasks = $Array(object.tasks.length);
                    for (let i = 0; i < object.tasks.length; ++i) {
                        if (!$util.isObject(object.tasks[i]))
                            throw $TypeError(".tso.v1.AssignmentSet.tasks: object expected");
                        message.tasks[i] = $root.tso.v1.Task.fromObject(object.tasks[i], _depth + 1);
                    }
                }
                if (object.removedTasks) {
                    if (!$Array.isArray(object.removedTasks))
                        throw $TypeError(".tso.v1.AssignmentSet.removedTasks: array expected");
                    message.removedTasks = $Array(object.removedTasks.length);
                    for (let i = 0; i < object.removedTasks.length; ++i)
                        message.removedTasks[i] = $String(object.removedTasks[i]);
                }
                if (object.networks) {
                    if (!$Array.isArray(object.networks))
                        throw $TypeError(".tso.v1.AssignmentSet.networks: array expected");
                    message.networks = $Array(object.networks.length);
                    for (let i = 0; i < object.networks.length; ++i) {
                        if (!$util.isObject(object.networks[i]))
                            throw $TypeError(".tso.v1.AssignmentSet.networks: object expected");
                        message.networks[i] = $root.tso.v1.NetworkAssignment.fromObject(object.networks[i], _depth + 1);
                    }
                }
                if (object.removedNetworks) {
                    if (!$Array.isArray(object.removedNetworks))
                        throw $TypeError(".tso.v1.AssignmentSet.removedNetworks: array expected");
                    message.removedNetworks = $Array(object.removedNetworks.length);
                    for (let i = 0; i < object.removedNetworks.length; ++i)
                        message.removedNetworks[i] = $String(object.removedNetworks[i]);
                }
                if (object.volumes) {
                    if (!$Array.isArray(object.volumes))
                        throw $TypeError(".tso.v1.AssignmentSet.volumes: array expected");
                    message.volumes = $Array(object.volumes.length);
                    for (let i = 0; i < object.volumes.length; ++i) {
                        if (!$util.isObject(object.volumes[i]))
                            throw $TypeError(".tso.v1.AssignmentSet.volumes: object expected");
                        message.volumes[i] = $root.tso.v1.Volume.fromObject(object.volumes[i], _depth + 1);
                    }
                }
                if (object.removedVolumes) {
                    if (!$Array.isArray(object.removedVolumes))
                        throw $TypeError(".tso.v1.AssignmentSet.removedVolumes: array expected");
                    message.removedVolumes = $Array(object.removedVolumes.length);
                    for (let i = 0; i < object.removedVolumes.length; ++i)
                        message.removedVolumes[i] = $String(object.removedVolumes[i]);
                }
                return message;
            };

            AssignmentSet.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults) {
                    object.tasks = [];
                    object.removedTasks = [];
                    object.networks = [];
                    object.removedNetworks = [];
                    object.volumes = [];
                    object.removedVolumes = [];
                }
                if (options.defaults) {
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.version = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.version = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.baseVersion = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.baseVersion = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                }
                if (message.version != null && $Object.hasOwnProperty.call(message, "version"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.version = typeof message.version === "number" ? $BigInt(message.version) : $util.Long.fromBits(message.version.low >>> 0, message.version.high >>> 0, true).toBigInt();
                    else if (typeof message.version === "number")
                        object.version = options.longs === $String ? $String(message.version) : message.version;
                    else
                        object.version = options.longs === $String ? $util.Long.prototype.toString.call(message.version) : options.longs === $Number ? new $util.LongBits(message.version.low >>> 0, message.version.high >>> 0).toNumber(true) : message.version;
                if (message.baseVersion != null && $Object.hasOwnProperty.call(message, "baseVersion"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.baseVersion = typeof message.baseVersion === "number" ? $BigInt(message.baseVersion) : $util.Long.fromBits(message.baseVersion.low >>> 0, message.baseVersion.high >>> 0, true).toBigInt();
                    else if (typeof message.baseVersion === "number")
                        object.baseVersion = options.longs === $String ? $String(message.baseVersion) : message.baseVersion;
                    else
                        object.baseVersion = options.longs === $String ? $util.Long.prototype.toString.call(message.baseVersion) : options.longs === $Number ? new $util.LongBits(message.baseVersion.low >>> 0, message.baseVersion.high >>> 0).toNumber(true) : message.baseVersion;
                if (message.tasks && message.tasks.length) {
                    object.tasks = $Array(message.tasks.length);
                    for (let j = 0; j < message.tasks.length; ++j)
                        object.tasks[j] = $root.tso.v1.Task.toObject(message.tasks[j], options, _depth + 1);
                }
                if (message.removedTasks && message.removedTasks.length) {
                    object.removedTasks = $Array(message.removedTasks.length);
                    for (let j = 0; j < message.removedTasks.length; ++j)
                        object.removedTasks[j] = message.removedTasks[j];
                }
                if (message.networks && message.networks.length) {
                    object.networks = $Array(message.networks.length);
                    for (let j = 0; j < message.networks.length; ++j)
                        object.networks[j] = $root.tso.v1.NetworkAssignment.toObject(message.networks[j], options, _depth + 1);
                }
                if (message.removedNetworks && message.removedNetworks.length) {
                    object.removedNetworks = $Array(message.removedNetworks.length);
                    for (let j = 0; j < message.removedNetworks.length; ++j)
                        object.removedNetworks[j] = message.removedNetworks[j];
                }
                if (message.volumes && message.volumes.length) {
                    object.volumes = $Array(message.volumes.length);
                    for (let j = 0; j < message.volumes.length; ++j)
                        object.volumes[j] = $root.tso.v1.Volume.toObject(message.volumes[j], options, _depth + 1);
                }
                if (message.removedVolumes && message.removedVolumes.length) {
                    object.removedVolumes = $Array(message.removedVolumes.length);
                    for (let j = 0; j < message.removedVolumes.length; ++j)
                        object.removedVolumes[j] = message.removedVolumes[j];
                }
                return object;
            };

            AssignmentSet.prototype.toJSON = function() {
                return AssignmentSet.toObject(this, $protobuf.util.toJSONOptions);
            };

            return AssignmentSet;
        })();

        v1.NetworkAssignment = (function() {

            const NetworkAssignment = function (properties) {
                this.endpoints = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            NetworkAssignment.prototype.id = "";
            NetworkAssignment.prototype.name = "";
            NetworkAssignment.prototype.vni = 0;
            NetworkAssignment.prototype.subnet = "";
            NetworkAssignment.prototype.gateway = "";
            NetworkAssignment.prototype.internal = false;
            NetworkAssignment.prototype.endpoints = $util.emptyArray;

            NetworkAssignment.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(10).string(message.id);
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(18).string(message.name);
                if (message.vni != null && $Object.hasOwnProperty.call(message, "vni") && message.vni !== 0)
                    writer.uint32(24).uint32(message.vni);
                if (message.subnet != null && $Object.hasOwnProperty.call(message, "subnet") && message.subnet !== "")
                    writer.uint32(34).string(message.subnet);
                if (message.gateway != null && $Object.hasOwnProperty.call(message, "gateway") && message.gateway !== "")
                    writer.uint32(42).string(message.gateway);
                if (message.internal != null && $Object.hasOwnProperty.call(message, "internal") && message.internal !== false)
                    writer.uint32(48).bool(message.internal);
                if (message.endpoints != null && message.endpoints.length)
                    for (let i = 0; i < message.endpoints.length; ++i)
                        $root.tso.v1.Endpoint.encode(message.endpoints[i], writer.uint32(58).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            NetworkAssignment.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.NetworkAssignment();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.vni = value;
                            else
                                delete message.vni;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.subnet = value;
                            else
                                delete message.subnet;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.gateway = value;
                            else
                                delete message.gateway;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.internal = value;
                            else
                                delete message.internal;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if (!(message.endpoints && message.endpoints.length))
                                message.endpoints = [];
                            message.endpoints.push($root.tso.v1.Endpoint.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            NetworkAssignment.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.NetworkAssignment)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.NetworkAssignment: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.NetworkAssignment();
                if (object.id != null)
                    if (typeof object.id !== "string" || object.id.length)
                        message.id = $String(object.id);
                if (object.name != null)
                    if (typeof object.name !== "string" || object.name.length)
                        message.name = $String(object.name);
                if (object.vni != null)
                    if ($Number(object.vni) !== 0)
                        message.vni = object.vni >>> 0;
                if (object.subnet != null)
                    if (typeof object.subnet !== "string" || object.subnet.length)
                        message.subnet = $String(object.subnet);
                if (object.gateway != null)
                    if (typeof object.gateway !== "string" || object.gateway.length)
                        message.gateway = $String(object.gateway);
                if (object.internal != null)
                    if (object.internal)
                        message.internal = $Boolean(object.internal);
                if (object.endpoints) {
                    if (!$Array.isArray(object.endpoints))
                        throw $TypeError(".tso.v1.NetworkAssignment.endpoints: array expected");
                    message.endpoints = $Array(object.endpoints.length);
                    for (let i = 0; i < object.endpoints.length; ++i) {
                        if (!$util.isObject(object.endpoints[i]))
                            throw $TypeError(".tso.v1.NetworkAssignment.endpoints: object expected");
                        message.endpoints[i] = $root.tso.v1.Endpoint.fromObject(object.endpoints[i], _depth + 1);
                    }
                }
                return message;
            };

            NetworkAssignment.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.endpoints = [];
                if (options.defaults) {
                    object.id = "";
                    object.name = "";
                    object.vni = 0;
                    object.subnet = "";
                    object.gateway = "";
                    object.internal = false;
                }
                if (message.id != null && $Object.hasOwnProperty.call(message, "id"))
                    object.id = message.id;
                if (message.name != null && $Object.hasOwnProperty.call(message, "name"))
                    object.name = message.name;
                if (message.vni != null && $Object.hasOwnProperty.call(message, "vni"))
                    object.vni = message.vni;
                if (message.subnet != null && $Object.hasOwnProperty.call(message, "subnet"))
                    object.subnet = message.subnet;
                if (message.gateway != null && $Object.hasOwnProperty.call(message, "gateway"))
                    object.gateway = message.gateway;
                if (message.internal != null && $Object.hasOwnProperty.call(message, "internal"))
                    object.internal = message.internal;
                if (message.endpoints && message.endpoints.length) {
                    object.endpoints = $Array(message.endpoints.length);
                    for (let j = 0; j < message.endpoints.length; ++j)
                        object.endpoints[j] = $root.tso.v1.Endpoint.toObject(message.endpoints[j], options, _depth + 1);
                }
                return object;
            };

            NetworkAssignment.prototype.toJSON = function() {
                return NetworkAssignment.toObject(this, $protobuf.util.toJSONOptions);
            };

            return NetworkAssignment;
        })();

        v1.Endpoint = (function() {

            const Endpoint = function (properties) {
                this.names = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Endpoint.prototype.taskId = "";
            Endpoint.prototype.serviceName = "";
            Endpoint.prototype.stack = "";
            Endpoint.prototype.slot = 0;
            Endpoint.prototype.address = "";
            Endpoint.prototype.mac = "";
            Endpoint.prototype.nodeId = "";
            Endpoint.prototype.vtep = "";
            Endpoint.prototype.names = $util.emptyArray;
            Endpoint.prototype.serving = false;

            Endpoint.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.taskId != null && $Object.hasOwnProperty.call(message, "taskId") && message.taskId !== "")
                    writer.uint32(10).string(message.taskId);
                if (message.serviceName != null && $Object.hasOwnProperty.call(message, "serviceName") && message.serviceName !== "")
                    writer.uint32(18).string(message.serviceName);
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack") && message.stack !== "")
                    writer.uint32(26).string(message.stack);
                if (message.slot != null && $Object.hasOwnProperty.call(message, "slot") && message.slot !== 0)
                    writer.uint32(32).uint32(message.slot);
                if (message.address != null && $Object.hasOwnProperty.call(message, "address") && message.address !== "")
                    writer.uint32(42).string(message.address);
                if (message.mac != null && $Object.hasOwnProperty.call(message, "mac") && message.mac !== "")
                    writer.uint32(50).string(message.mac);
                if (message.nodeId != null && $Object.hasOwnProperty.call(message, "nodeId") && message.nodeId !== "")
                    writer.uint32(58).string(message.nodeId);
                if (message.vtep != null && $Object.hasOwnProperty.call(message, "vtep") && message.vtep !== "")
                    writer.uint32(66).string(message.vtep);
                if (message.names != null && message.names.length)
                    for (let i = 0; i < message.names.length; ++i)
                        writer.uint32(74).string(message.names[i]);
                if (message.serving != null && $Object.hasOwnProperty.call(message, "serving") && message.serving !== false)
                    writer.uint32(80).bool(message.serving);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Endpoint.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.Endpoint();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.taskId = value;
                            else
                                delete message.taskId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.serviceName = value;
                            else
                                delete message.serviceName;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.stack = value;
                            else
                                delete message.stack;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.slot = value;
                            else
                                delete message.slot;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.address = value;
                            else
                                delete message.address;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.mac = value;
                            else
                                delete message.mac;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.nodeId = value;
                            else
                                delete message.nodeId;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.vtep = value;
                            else
                                delete message.vtep;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            if (!(message.names && message.names.length))
                                message.names = [];
                            message.names.push(reader.stringVerify());
                            continue;
                        }
                    case 10: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.serving = value;
                            else
                                delete message.serving;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            Endpoint.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.Endpoint)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.Endpoint: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.Endpoint();
                if (object.taskId != null)
                    if (typeof object.taskId !== "string" || object.taskId.length)
                        message.taskId = $String(object.taskId);
                if (object.serviceName != null)
                    if (typeof object.serviceName !== "string" || object.serviceName.length)
                        message.serviceName = $String(object.serviceName);
                if (object.stack != null)
                    if (typeof object.stack !== "string" || object.stack.length)
                        message.stack = $String(object.stack);
                if (object.slot != null)
                    if ($Number(object.slot) !== 0)
                        message.slot = object.slot >>> 0;
                if (object.address != null)
                    if (typeof object.address !== "string" || object.address.length)
                        message.address = $String(object.address);
                if (object.mac != null)
                    if (typeof object.mac !== "string" || object.mac.length)
                        message.mac = $String(object.mac);
                if (object.nodeId != null)
                    if (typeof object.nodeId !== "string" || object.nodeId.length)
                        message.nodeId = $String(object.nodeId);
                if (object.vtep != null)
                    if (typeof object.vtep !== "string" || object.vtep.length)
                        message.vtep = $String(object.vtep);
                if (object.names) {
                    if (!$Array.isArray(object.names))
                        throw $TypeError(".tso.v1.Endpoint.names: array expected");
                    message.names = $Array(object.names.length);
                    for (let i = 0; i < object.names.length; ++i)
                        message.names[i] = $String(object.names[i]);
                }
                if (object.serving != null)
                    if (object.serving)
                        message.serving = $Boolean(object.serving);
                return message;
            };

            Endpoint.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults)
                    object.names = [];
                if (options.defaults) {
                    object.taskId = "";
                    object.serviceName = "";
                    object.stack = "";
                    object.slot = 0;
                    object.address = "";
                    object.mac = "";
                    object.nodeId = "";
                    object.vtep = "";
                    object.serving = false;
                }
                if (message.taskId != null && $Object.hasOwnProperty.call(message, "taskId"))
                    object.taskId = message.taskId;
                if (message.serviceName != null && $Object.hasOwnProperty.call(message, "serviceName"))
                    object.serviceName = message.serviceName;
                if (message.stack != null && $Object.hasOwnProperty.call(message, "stack"))
                    object.stack = message.stack;
                if (message.slot != null && $Object.hasOwnProperty.call(message, "slot"))
                    object.slot = message.slot;
                if (message.address != null && $Object.hasOwnProperty.call(message, "address"))
                    object.address = message.address;
                if (message.mac != null && $Object.hasOwnProperty.call(message, "mac"))
                    object.mac = message.mac;
                if (message.nodeId != null && $Object.hasOwnProperty.call(message, "nodeId"))
                    object.nodeId = message.nodeId;
                if (message.vtep != null && $Object.hasOwnProperty.call(message, "vtep"))
                    object.vtep = message.vtep;
                if (message.names && message.names.length) {
                    object.names = $Array(message.names.length);
                    for (let j = 0; j < message.names.length; ++j)
                        object.names[j] = message.names[j];
                }
                if (message.serving != null && $Object.hasOwnProperty.call(message, "serving"))
                    object.serving = message.serving;
                return object;
            };

            Endpoint.prototype.toJSON = function() {
                return Endpoint.toObject(this, $protobuf.util.toJSONOptions);
            };

            return Endpoint;
        })();

        v1.RelayCancel = (function() {

            const RelayCancel = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            RelayCancel.prototype.relayId = "";

            RelayCancel.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.relayId != null && $Object.hasOwnProperty.call(message, "relayId") && message.relayId !== "")
                    writer.uint32(10).string(message.relayId);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            RelayCancel.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.RelayCancel();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.relayId = value;
                            else
                                delete message.relayId;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            RelayCancel.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.RelayCancel)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.RelayCancel: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.RelayCancel();
                if (object.relayId != null)
                    if (typeof object.relayId !== "string" || object.relayId.length)
                        message.relayId = $String(object.relayId);
                return message;
            };

            RelayCancel.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults)
                    object.relayId = "";
                if (message.relayId != null && $Object.hasOwnProperty.call(message, "relayId"))
                    object.relayId = message.relayId;
                return object;
            };

            RelayCancel.prototype.toJSON = function() {
                return RelayCancel.toObject(this, $protobuf.util.toJSONOptions);
            };

            return RelayCancel;
        })();

        v1.RelayRequest = (function() {

            const RelayRequest = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            RelayRequest.prototype.relayId = "";
            RelayRequest.prototype.taskId = "";
            RelayRequest.prototype.logs = null;
            RelayRequest.prototype.exec = null;

            let $oneOfFields;

            $Object.defineProperty(RelayRequest.prototype, "wish", {
                get: $util.oneOfGetter($oneOfFields = ["logs", "exec"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            RelayRequest.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.relayId != null && $Object.hasOwnProperty.call(message, "relayId") && message.relayId !== "")
                    writer.uint32(10).string(message.relayId);
                if (message.taskId != null && $Object.hasOwnProperty.call(message, "taskId") && message.taskId !== "")
                    writer.uint32(18).string(message.taskId);
                if (message.logs != null && $Object.hasOwnProperty.call(message, "logs"))
                    $root.tso.v1.LogsOptions.encode(message.logs, writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.exec != null && $Object.hasOwnProperty.call(message, "exec"))
                    $root.tso.v1.ExecOptions.encode(message.exec, writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            RelayRequest.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.RelayRequest();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.relayId = value;
                            else
                                delete message.relayId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.taskId = value;
                            else
                                delete message.taskId;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.logs = $root.tso.v1.LogsOptions.decode(reader, reader.size(), $undefined, _depth + 1, message.logs);
                            message.wish = "logs";
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.exec = $root.tso.v1.ExecOptions.decode(reader, reader.size(), $undefined, _depth + 1, message.exec);
                            message.wish = "exec";
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            RelayRequest.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.RelayRequest)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.RelayRequest: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.RelayRequest();
                if (object.relayId != null)
                    if (typeof object.relayId !== "string" || object.relayId.length)
                        message.relayId = $String(object.relayId);
                if (object.taskId != null)
                    if (typeof object.taskId !== "string" || object.taskId.length)
                        message.taskId = $String(object.taskId);
                if (object.logs != null) {
                    if (!$util.isObject(object.logs))
                        throw $TypeError(".tso.v1.RelayRequest.logs: object expected");
                    message.logs = $root.tso.v1.LogsOptions.fromObject(object.logs, _depth + 1);
                }
                if (object.exec != null) {
                    if (!$util.isObject(object.exec))
                        throw $TypeError(".tso.v1.RelayRequest.exec: object expected");
                    message.exec = $root.tso.v1.ExecOptions.fromObject(object.exec, _depth + 1);
                }
                return message;
            };

            RelayRequest.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.relayId = "";
                    object.taskId = "";
                }
                if (message.relayId != null && $Object.hasOwnProperty.call(message, "relayId"))
                    object.relayId = message.relayId;
                if (message.taskId != null && $Object.hasOwnProperty.call(message, "taskId"))
                    object.taskId = message.taskId;
                if (message.logs != null && $Object.hasOwnProperty.call(message, "logs")) {
                    object.logs = $root.tso.v1.LogsOptions.toObject(message.logs, options, _depth + 1);
                    if (options.oneofs)
                        object.wish = "logs";
                }
                if (message.exec != null && $Object.hasOwnProperty.call(message, "exec")) {
                    object.exec = $root.tso.v1.ExecOptions.toObject(message.exec, options, _depth + 1);
                    if (options.oneofs)
                        object.wish = "exec";
                }
                return object;
            };

            RelayRequest.prototype.toJSON = function() {
                return RelayRequest.toObject(this, $protobuf.util.toJSONOptions);
            };

            return RelayRequest;
        })();

        v1.StoreAction = (function() {

            const StoreAction = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            StoreAction.prototype.putCluster = null;
            StoreAction.prototype.putNode = null;
            StoreAction.prototype.putStack = null;
            StoreAction.prototype.putService = null;
            StoreAction.prototype.putTask = null;
            StoreAction.prototype.putNetwork = null;
            StoreAction.prototype.putVolume = null;
            StoreAction.prototype.remove = null;

            let $oneOfFields;

            $Object.defineProperty(StoreAction.prototype, "change", {
                get: $util.oneOfGetter($oneOfFields = ["putCluster", "putNode", "putStack", "putService", "putTask", "putNetwork", "putVolume", "remove"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            StoreAction.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.putCluster != null && $Object.hasOwnProperty.call(message, "putCluster"))
                    $root.tso.v1.Cluster.encode(message.putCluster, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.putNode != null && $Object.hasOwnProperty.call(message, "putNode"))
                    $root.tso.v1.Node.encode(message.putNode, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.putStack != null && $Object.hasOwnProperty.call(message, "putStack"))
                    $root.tso.v1.Stack.encode(message.putStack, writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.putService != null && $Object.hasOwnProperty.call(message, "putService"))
                    $root.tso.v1.Service.encode(message.putService, writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.putTask != null && $Object.hasOwnProperty.call(message, "putTask"))
                    $root.tso.v1.Task.encode(message.putTask, writer.uint32(42).fork(), _depth + 1).ldelim();
                if (message.putNetwork != null && $Object.hasOwnProperty.call(message, "putNetwork"))
                    $root.tso.v1.Network.encode(message.putNetwork, writer.uint32(50).fork(), _depth + 1).ldelim();
                if (message.putVolume != null && $Object.hasOwnProperty.call(message, "putVolume"))
                    $root.tso.v1.Volume.encode(message.putVolume, writer.uint32(58).fork(), _depth + 1).ldelim();
                if (message.remove != null && $Object.hasOwnProperty.call(message, "remove"))
                    $root.tso.v1.ObjectRef.encode(message.remove, writer.uint32(66).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            StoreAction.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.StoreAction();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.putCluster = $root.tso.v1.Cluster.decode(reader, reader.size(), $undefined, _depth + 1, message.putCluster);
                            message.change = "putCluster";
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.putNode = $root.tso.v1.Node.decode(reader, reader.size(), $undefined, _depth + 1, message.putNode);
                            message.change = "putNode";
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.putStack = $root.tso.v1.Stack.decode(reader, reader.size(), $undefined, _depth + 1, message.putStack);
                            message.change = "putStack";
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.putService = $root.tso.v1.Service.decode(reader, reader.size(), $undefined, _depth + 1, message.putService);
                            message.change = "putService";
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            message.putTask = $root.tso.v1.Task.decode(reader, reader.size(), $undefined, _depth + 1, message.putTask);
                            message.change = "putTask";
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            message.putNetwork = $root.tso.v1.Network.decode(reader, reader.size(), $undefined, _depth + 1, message.putNetwork);
                            message.change = "putNetwork";
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            message.putVolume = $root.tso.v1.Volume.decode(reader, reader.size(), $undefined, _depth + 1, message.putVolume);
                            message.change = "putVolume";
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            message.remove = $root.tso.v1.ObjectRef.decode(reader, reader.size(), $undefined, _depth + 1, message.remove);
                            message.change = "remove";
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            StoreAction.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.StoreAction)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.StoreAction: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.StoreAction();
                if (object.putCluster != null) {
                    if (!$util.isObject(object.putCluster))
                        throw $TypeError(".tso.v1.StoreAction.putCluster: object expected");
                    message.putCluster = $root.tso.v1.Cluster.fromObject(object.putCluster, _depth + 1);
                }
                if (object.putNode != null) {
                    if (!$util.isObject(object.putNode))
                        throw $TypeError(".tso.v1.StoreAction.putNode: object expected");
                    message.putNode = $root.tso.v1.Node.fromObject(object.putNode, _depth + 1);
                }
                if (object.putStack != null) {
                    if (!$util.isObject(object.putStack))
                        throw $TypeError(".tso.v1.StoreAction.putStack: object expected");
                    message.putStack = $root.tso.v1.Stack.fromObject(object.putStack, _depth + 1);
                }
                if (object.putService != null) {
                    if (!$util.isObject(object.putService))
                        throw $TypeError(".tso.v1.StoreAction.putService: object expected");
                    message.putService = $root.tso.v1.Service.fromObject(object.putService, _depth + 1);
                }
                if (object.putTask != null) {
                    if (!$util.isObject(object.putTask))
                        throw $TypeError(".tso.v1.StoreAction.putTask: object expected");
                    message.putTask = $root.tso.v1.Task.fromObject(object.putTask, _depth + 1);
                }
                if (object.putNetwork != null) {
                    if (!$util.isObject(object.putNetwork))
                        throw $TypeError(".tso.v1.StoreAction.putNetwork: object expected");
                    message.putNetwork = $root.tso.v1.Network.fromObject(object.putNetwork, _depth + 1);
                }
                if (object.putVolume != null) {
                    if (!$util.isObject(object.putVolume))
                        throw $TypeError(".tso.v1.StoreAction.putVolume: object expected");
                    message.putVolume = $root.tso.v1.Volume.fromObject(object.putVolume, _depth + 1);
                }
                if (object.remove != null) {
                    if (!$util.isObject(object.remove))
                        throw $TypeError(".tso.v1.StoreAction.remove: object expected");
                    message.remove = $root.tso.v1.ObjectRef.fromObject(object.remove, _depth + 1);
                }
                return message;
            };

            StoreAction.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (message.putCluster != null && $Object.hasOwnProperty.call(message, "putCluster")) {
                    object.putCluster = $root.tso.v1.Cluster.toObject(message.putCluster, options, _depth + 1);
                    if (options.oneofs)
                        object.change = "putCluster";
                }
                if (message.putNode != null && $Object.hasOwnProperty.call(message, "putNode")) {
                    object.putNode = $root.tso.v1.Node.toObject(message.putNode, options, _depth + 1);
                    if (options.oneofs)
                        object.change = "putNode";
                }
                if (message.putStack != null && $Object.hasOwnProperty.call(message, "putStack")) {
                    object.putStack = $root.tso.v1.Stack.toObject(message.putStack, options, _depth + 1);
                    if (options.oneofs)
                        object.change = "putStack";
                }
                if (message.putService != null && $Object.hasOwnProperty.call(message, "putService")) {
                    object.putService = $root.tso.v1.Service.toObject(message.putService, options, _depth + 1);
                    if (options.oneofs)
                        object.change = "putService";
                }
                if (message.putTask != null && $Object.hasOwnProperty.call(message, "putTask")) {
                    object.putTask = $root.tso.v1.Task.toObject(message.putTask, options, _depth + 1);
                    if (options.oneofs)
                        object.change = "putTask";
                }
                if (message.putNetwork != null && $Object.hasOwnProperty.call(message, "putNetwork")) {
                    object.putNetwork = $root.tso.v1.Network.toObject(message.putNetwork, options, _depth + 1);
                    if (options.oneofs)
                        object.change = "putNetwork";
                }
                if (message.putVolume != null && $Object.hasOwnProperty.call(message, "putVolume")) {
                    object.putVolume = $root.tso.v1.Volume.toObject(message.putVolume, options, _depth + 1);
                    if (options.oneofs)
                        object.change = "putVolume";
                }
                if (message.remove != null && $Object.hasOwnProperty.call(message, "remove")) {
                    object.remove = $root.tso.v1.ObjectRef.toObject(message.remove, options, _depth + 1);
                    if (options.oneofs)
                        object.change = "remove";
                }
                return object;
            };

            StoreAction.prototype.toJSON = function() {
                return StoreAction.toObject(this, $protobuf.util.toJSONOptions);
            };

            return StoreAction;
        })();

        v1.ObjectRef = (function() {

            const ObjectRef = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ObjectRef.prototype.kind = "";
            ObjectRef.prototype.id = "";

            ObjectRef.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.kind != null && $Object.hasOwnProperty.call(message, "kind") && message.kind !== "")
                    writer.uint32(10).string(message.kind);
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(18).string(message.id);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ObjectRef.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.ObjectRef();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.kind = value;
                            else
                                delete message.kind;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            ObjectRef.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.ObjectRef)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.ObjectRef: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.ObjectRef();
                if (object.kind != null)
                    if (typeof object.kind !== "string" || object.kind.length)
                        message.kind = $String(object.kind);
                if (object.id != null)
                    if (typeof object.id !== "string" || object.id.length)
                        message.id = $String(object.id);
                return message;
            };

            ObjectRef.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.kind = "";
                    object.id = "";
                }
                if (message.kind != null && $Object.hasOwnProperty.call(message, "kind"))
                    object.kind = message.kind;
                if (message.id != null && $Object.hasOwnProperty.call(message, "id"))
                    object.id = message.id;
                return object;
            };

            ObjectRef.prototype.toJSON = function() {
                return ObjectRef.toObject(this, $protobuf.util.toJSONOptions);
            };

            return ObjectRef;
        })();

        v1.Transaction = (function() {

            const Transaction = function (properties) {
                this.actions = [];
                this.expect = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Transaction.prototype.actions = $util.emptyArray;
            Transaction.prototype.expect = $util.emptyArray;
            Transaction.prototype.atMs = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
            Transaction.prototype.origin = "";

            Transaction.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.actions != null && message.actions.length)
                    for (let i = 0; i < message.actions.length; ++i)
                        $root.tso.v1.StoreAction.encode(message.actions[i], writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.expect != null && message.expect.length)
                    for (let i = 0; i < message.expect.length; ++i)
                        $root.tso.v1.Expectation.encode(message.expect[i], writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.atMs != null && $Object.hasOwnProperty.call(message, "atMs") && (typeof message.atMs === "object" ? message.atMs.low || message.atMs.high : message.atMs !== 0))
                    writer.uint32(24).int64(message.atMs);
                if (message.origin != null && $Object.hasOwnProperty.call(message, "origin") && message.origin !== "")
                    writer.uint32(34).string(message.origin);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Transaction.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.Transaction();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if (!(message.actions && message.actions.length))
                                message.actions = [];
                            message.actions.push($root.tso.v1.StoreAction.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.expect && message.expect.length))
                                message.expect = [];
                            message.expect.push($root.tso.v1.Expectation.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.int64()) === "object" ? value.low || value.high : value !== 0)
                                message.atMs = value;
                            else
                                delete message.atMs;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.origin = value;
                            else
                                delete message.origin;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            Transaction.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.Transaction)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.Transaction: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.Transaction();
                if (object.actions) {
                    if (!$Array.isArray(object.actions))
                        throw $TypeError(".tso.v1.Transaction.actions: array expected");
                    message.actions = $Array(object.actions.length);
                    for (let i = 0; i < object.actions.length; ++i) {
                        if (!$util.isObject(object.actions[i]))
                            throw $TypeError(".tso.v1.Transaction.actions: object expected");
                        message.actions[i] = $root.tso.v1.StoreAction.fromObject(object.actions[i], _depth + 1);
                    }
                }
                if (object.expect) {
                    if (!$Array.isArray(object.expect))
                        throw $TypeError(".tso.v1.Transaction.expect: array expected");
                    message.expect = $Array(object.expect.length);
                    for (let i = 0; i < object.expect.length; ++i) {
                        if (!$util.isObject(object.expect[i]))
                            throw $TypeError(".tso.v1.Transaction.expect: object expected");
                        message.expect[i] = $root.tso.v1.Expectation.fromObject(object.expect[i], _depth + 1);
                    }
                }
                if (object.atMs != null)
                    if (typeof object.atMs === "object" ? object.atMs.low || object.atMs.high : $Number(object.atMs) !== 0)
                        if ($util.Long)
                            message.atMs = $util.Long.fromValue(object.atMs, false);
                        else if (typeof object.atMs === "string")
                            message.atMs = $parseInt(object.atMs, 10);
                        else if (typeof object.atMs === "number")
                            message.atMs = object.atMs;
                        else if (typeof object.atMs === "object")
                            message.atMs = new $util.LongBits(object.atMs.low >>> 0, object.atMs.high >>> 0).toNumber();
                if (object.origin != null)
                    if (typeof object.origin !== "string" || object.origin.length)
                        message.origin = $String(object.origin);
                return message;
            };

            Transaction.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults) {
                    object.actions = [];
                    object.expect = [];
                }
                if (options.defaults) {
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, false);
                        object.atMs = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.atMs = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                    object.origin = "";
                }
                if (message.actions && message.actions.length) {
                    object.actions = $Array(message.actions.length);
                    for (let j = 0; j < message.actions.length; ++j)
                        object.actions[j] = $root.tso.v1.StoreAction.toObject(message.actions[j], options, _depth + 1);
                }
                if (message.expect && message.expect.length) {
                    object.expect = $Array(message.expect.length);
                    for (let j = 0; j < message.expect.length; ++j)
                        object.expect[j] = $root.tso.v1.Expectation.toObject(message.expect[j], options, _depth + 1);
                }
                if (message.atMs != null && $Object.hasOwnProperty.call(message, "atMs"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.atMs = typeof message.atMs === "number" ? $BigInt(message.atMs) : $util.Long.fromBits(message.atMs.low >>> 0, message.atMs.high >>> 0, false).toBigInt();
                    else if (typeof message.atMs === "number")
                        object.atMs = options.longs === $String ? $String(message.atMs) : message.atMs;
                    else
                        object.atMs = options.longs === $String ? $util.Long.prototype.toString.call(message.atMs) : options.longs === $Number ? new $util.LongBits(message.atMs.low >>> 0, message.atMs.high >>> 0).toNumber() : message.atMs;
                if (message.origin != null && $Object.hasOwnProperty.call(message, "origin"))
                    object.origin = message.origin;
                return object;
            };

            Transaction.prototype.toJSON = function() {
                return Transaction.toObject(this, $protobuf.util.toJSONOptions);
            };

            return Transaction;
        })();

        v1.Expectation = (function() {

            const Expectation = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Expectation.prototype.kind = "";
            Expectation.prototype.id = "";
            Expectation.prototype.version = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            Expectation.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.kind != null && $Object.hasOwnProperty.call(message, "kind") && message.kind !== "")
                    writer.uint32(10).string(message.kind);
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(18).string(message.id);
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && (typeof message.version === "object" ? message.version.low || message.version.high : message.version !== 0))
                    writer.uint32(24).uint64(message.version);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Expectation.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.Expectation();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.kind = value;
                            else
                                delete message.kind;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            Expectation.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.Expectation)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.Expectation: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.Expectation();
                if (object.kind != null)
                    if (typeof object.kind !== "string" || object.kind.length)
                        message.kind = $String(object.kind);
                if (object.id != null)
                    if (typeof object.id !== "string" || object.id.length)
                        message.id = $String(object.id);
                if (object.version != null)
                    if (typeof object.version === "object" ? object.version.low || object.version.high : $Number(object.version) !== 0)
                        if ($util.Long)
                            message.version = $util.Long.fromValue(object.version, true);
                        else if (typeof object.version === "string")
                            message.version = $parseInt(object.version, 10);
                        else if (typeof object.version === "number")
                            message.version = object.version;
                        else if (typeof object.version === "object")
                            message.version = new $util.LongBits(object.version.low >>> 0, object.version.high >>> 0).toNumber(true);
                return message;
            };

            Expectation.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.defaults) {
                    object.kind = "";
                    object.id = "";
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.version = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.version = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                }
                if (message.kind != null && $Object.hasOwnProperty.call(message, "kind"))
                    object.kind = message.kind;
                if (message.id != null && $Object.hasOwnProperty.call(message, "id"))
                    object.id = message.id;
                if (message.version != null && $Object.hasOwnProperty.call(message, "version"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.version = typeof message.version === "number" ? $BigInt(message.version) : $util.Long.fromBits(message.version.low >>> 0, message.version.high >>> 0, true).toBigInt();
                    else if (typeof message.version === "number")
                        object.version = options.longs === $String ? $String(message.version) : message.version;
                    else
                        object.version = options.longs === $String ? $util.Long.prototype.toString.call(message.version) : options.longs === $Number ? new $util.LongBits(message.version.low >>> 0, message.version.high >>> 0).toNumber(true) : message.version;
                return object;
            };

            Expectation.prototype.toJSON = function() {
                return Expectation.toObject(this, $protobuf.util.toJSONOptions);
            };

            return Expectation;
        })();

        v1.StoreSnapshot = (function() {

            const StoreSnapshot = function (properties) {
                this.clusters = [];
                this.nodes = [];
                this.stacks = [];
                this.services = [];
                this.tasks = [];
                this.networks = [];
                this.volumes = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            StoreSnapshot.prototype.index = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
            StoreSnapshot.prototype.clusters = $util.emptyArray;
            StoreSnapshot.prototype.nodes = $util.emptyArray;
            StoreSnapshot.prototype.stacks = $util.emptyArray;
            StoreSnapshot.prototype.services = $util.emptyArray;
            StoreSnapshot.prototype.tasks = $util.emptyArray;
            StoreSnapshot.prototype.networks = $util.emptyArray;
            StoreSnapshot.prototype.volumes = $util.emptyArray;

            StoreSnapshot.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.index != null && $Object.hasOwnProperty.call(message, "index") && (typeof message.index === "object" ? message.index.low || message.index.high : message.index !== 0))
                    writer.uint32(8).uint64(message.index);
                if (message.clusters != null && message.clusters.length)
                    for (let i = 0; i < message.clusters.length; ++i)
                        $root.tso.v1.Cluster.encode(message.clusters[i], writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.nodes != null && message.nodes.length)
                    for (let i = 0; i < message.nodes.length; ++i)
                        $root.tso.v1.Node.encode(message.nodes[i], writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.stacks != null && message.stacks.length)
                    for (let i = 0; i < message.stacks.length; ++i)
                        $root.tso.v1.Stack.encode(message.stacks[i], writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.services != null && message.services.length)
                    for (let i = 0; i < message.services.length; ++i)
                        $root.tso.v1.Service.encode(message.services[i], writer.uint32(42).fork(), _depth + 1).ldelim();
                if (message.tasks != null && message.tasks.length)
                    for (let i = 0; i < message.tasks.length; ++i)
                        $root.tso.v1.Task.encode(message.tasks[i], writer.uint32(50).fork(), _depth + 1).ldelim();
                if (message.networks != null && message.networks.length)
                    for (let i = 0; i < message.networks.length; ++i)
                        $root.tso.v1.Network.encode(message.networks[i], writer.uint32(58).fork(), _depth + 1).ldelim();
                if (message.volumes != null && message.volumes.length)
                    for (let i = 0; i < message.volumes.length; ++i)
                        $root.tso.v1.Volume.encode(message.volumes[i], writer.uint32(66).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            StoreSnapshot.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.tso.v1.StoreSnapshot();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.index = value;
                            else
                                delete message.index;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.clusters && message.clusters.length))
                                message.clusters = [];
                            message.clusters.push($root.tso.v1.Cluster.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.nodes && message.nodes.length))
                                message.nodes = [];
                            message.nodes.push($root.tso.v1.Node.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if (!(message.stacks && message.stacks.length))
                                message.stacks = [];
                            message.stacks.push($root.tso.v1.Stack.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (!(message.services && message.services.length))
                                message.services = [];
                            message.services.push($root.tso.v1.Service.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if (!(message.tasks && message.tasks.length))
                                message.tasks = [];
                            message.tasks.push($root.tso.v1.Task.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if (!(message.networks && message.networks.length))
                                message.networks = [];
                            message.networks.push($root.tso.v1.Network.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            if (!(message.volumes && message.volumes.length))
                                message.volumes = [];
                            message.volumes.push($root.tso.v1.Volume.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            StoreSnapshot.fromObject = function (object, _depth) {
                if (object instanceof $root.tso.v1.StoreSnapshot)
                    return object;
                if (!$util.isObject(object))
                    throw $TypeError(".tso.v1.StoreSnapshot: object expected");
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let message = new $root.tso.v1.StoreSnapshot();
                if (object.index != null)
                    if (typeof object.index === "object" ? object.index.low || object.index.high : $Number(object.index) !== 0)
                        if ($util.Long)
                            message.index = $util.Long.fromValue(object.index, true);
                        else if (typeof object.index === "string")
                            message.index = $parseInt(object.index, 10);
                        else if (typeof object.index === "number")
                            message.index = object.index;
                        else if (typeof object.index === "object")
                            message.index = new $util.LongBits(object.index.low >>> 0, object.index.high >>> 0).toNumber(true);
                if (object.clusters) {
                    if (!$Array.isArray(object.clusters))
                        throw $TypeError(".tso.v1.StoreSnapshot.clusters: array expected");
                    message.clusters = $Array(object.clusters.length);
                    for (let i = 0; i < object.clusters.length; ++i) {
                        if (!$util.isObject(object.clusters[i]))
                            throw $TypeError(".tso.v1.StoreSnapshot.clusters: object expected");
                        message.clusters[i] = $root.tso.v1.Cluster.fromObject(object.clusters[i], _depth + 1);
                    }
                }
                if (object.nodes) {
                    if (!$Array.isArray(object.nodes))
                        throw $TypeError(".tso.v1.StoreSnapshot.nodes: array expected");
                    message.nodes = $Array(object.nodes.length);
                    for (let i = 0; i < object.nodes.length; ++i) {
                        if (!$util.isObject(object.nodes[i]))
                            throw $TypeError(".tso.v1.StoreSnapshot.nodes: object expected");
                        message.nodes[i] = $root.tso.v1.Node.fromObject(object.nodes[i], _depth + 1);
                    }
                }
                if (object.stacks) {
                    if (!$Array.isArray(object.stacks))
                        throw $TypeError(".tso.v1.StoreSnapshot.stacks: array expected");
                    message.stacks = $Array(object.stacks.length);
                    for (let i = 0; i < object.stacks.length; ++i) {
                        if (!$util.isObject(object.stacks[i]))
                            throw $TypeError(".tso.v1.StoreSnapshot.stacks: object expected");
                        message.stacks[i] = $root.tso.v1.Stack.fromObject(object.stacks[i], _depth + 1);
                    }
                }
                if (object.services) {
                    if (!$Array.isArray(object.services))
                        throw $TypeError(".tso.v1.StoreSnapshot.services: array expected");
                    message.services = $Array(object.services.length);
                    for (let i = 0; i < object.services.length; ++i) {
                        if (!$util.isObject(object.services[i]))
                            throw $TypeError(".tso.v1.StoreSnapshot.services: object expected");
                        message.services[i] = $root.tso.v1.Service.fromObject(object.services[i], _depth + 1);
                    }
                }
                if (object.tasks) {
                    if (!$Array.isArray(object.tasks))
                        throw $TypeError(".tso.v1.StoreSnapshot.tasks: array expected");
                    message.tasks = $Array(object.tasks.length);
                    for (let i = 0; i < object.tasks.length; ++i) {
                        if (!$util.isObject(object.tasks[i]))
                            throw $TypeError(".tso.v1.StoreSnapshot.tasks: object expected");
                        message.tasks[i] = $root.tso.v1.Task.fromObject(object.tasks[i], _depth + 1);
                    }
                }
                if (object.networks) {
                    if (!$Array.isArray(object.networks))
                        throw $TypeError(".tso.v1.StoreSnapshot.networks: array expected");
                    message.networks = $Array(object.networks.length);
                    for (let i = 0; i < object.networks.length; ++i) {
                        if (!$util.isObject(object.networks[i]))
                            throw $TypeError(".tso.v1.StoreSnapshot.networks: object expected");
                        message.networks[i] = $root.tso.v1.Network.fromObject(object.networks[i], _depth + 1);
                    }
                }
                if (object.volumes) {
                    if (!$Array.isArray(object.volumes))
                        throw $TypeError(".tso.v1.StoreSnapshot.volumes: array expected");
                    message.volumes = $Array(object.volumes.length);
                    for (let i = 0; i < object.volumes.length; ++i) {
                        if (!$util.isObject(object.volumes[i]))
                            throw $TypeError(".tso.v1.StoreSnapshot.volumes: object expected");
                        message.volumes[i] = $root.tso.v1.Volume.fromObject(object.volumes[i], _depth + 1);
                    }
                }
                return message;
            };

            StoreSnapshot.toObject = function (message, options, _depth) {
                if (!options)
                    options = {};
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                let object = {};
                if (options.arrays || options.defaults) {
                    object.clusters = [];
                    object.nodes = [];
                    object.stacks = [];
                    object.services = [];
                    object.tasks = [];
                    object.networks = [];
                    object.volumes = [];
                }
                if (options.defaults)
                    if ($util.Long) {
                        let long = new $util.Long(0, 0, true);
                        object.index = options.longs === $String ? long.toString() : options.longs === $Number ? long.toNumber() : typeof $BigInt !== "undefined" && options.longs === $BigInt ? long.toBigInt() : long;
                    } else
                        object.index = options.longs === $String ? "0" : typeof $BigInt !== "undefined" && options.longs === $BigInt ? $BigInt("0") : 0;
                if (message.index != null && $Object.hasOwnProperty.call(message, "index"))
                    if (typeof $BigInt !== "undefined" && options.longs === $BigInt)
                        object.index = typeof message.index === "number" ? $BigInt(message.index) : $util.Long.fromBits(message.index.low >>> 0, message.index.high >>> 0, true).toBigInt();
                    else if (typeof message.index === "number")
                        object.index = options.longs === $String ? $String(message.index) : message.index;
                    else
                        object.index = options.longs === $String ? $util.Long.prototype.toString.call(message.index) : options.longs === $Number ? new $util.LongBits(message.index.low >>> 0, message.index.high >>> 0).toNumber(true) : message.index;
                if (message.clusters && message.clusters.length) {
                    object.clusters = $Array(message.clusters.length);
                    for (let j = 0; j < message.clusters.length; ++j)
                        object.clusters[j] = $root.tso.v1.Cluster.toObject(message.clusters[j], options, _depth + 1);
                }
                if (message.nodes && message.nodes.length) {
                    object.nodes = $Array(message.nodes.length);
                    for (let j = 0; j < message.nodes.length; ++j)
                        object.nodes[j] = $root.tso.v1.Node.toObject(message.nodes[j], options, _depth + 1);
                }
                if (message.stacks && message.stacks.length) {
                    object.stacks = $Array(message.stacks.length);
                    for (let j = 0; j < message.stacks.length; ++j)
                        object.stacks[j] = $root.tso.v1.Stack.toObject(message.stacks[j], options, _depth + 1);
                }
                if (message.services && message.services.length) {
                    object.services = $Array(message.services.length);
                    for (let j = 0; j < message.services.length; ++j)
                        object.services[j] = $root.tso.v1.Service.toObject(message.services[j], options, _depth + 1);
                }
                if (message.tasks && message.tasks.length) {
                    object.tasks = $Array(message.tasks.length);
                    for (let j = 0; j < message.tasks.length; ++j)
                        object.tasks[j] = $root.tso.v1.Task.toObject(message.tasks[j], options, _depth + 1);
                }
                if (message.networks && message.networks.length) {
                    object.networks = $Array(message.networks.length);
                    for (let j = 0; j < message.networks.length; ++j)
                        object.networks[j] = $root.tso.v1.Network.toObject(message.networks[j], options, _depth + 1);
                }
                if (message.volumes && message.volumes.length) {
                    object.volumes = $Array(message.volumes.length);
                    for (let j = 0; j < message.volumes.length; ++j)
                        object.volumes[j] = $root.tso.v1.Volume.toObject(message.volumes[j], options, _depth + 1);
                }
                return object;
            };

            StoreSnapshot.prototype.toJSON = function() {
                return StoreSnapshot.toObject(this, $protobuf.util.toJSONOptions);
            };

            return StoreSnapshot;
        })();

        return v1;
    })();

    return tso;
})();

export {
  $root as default
};
