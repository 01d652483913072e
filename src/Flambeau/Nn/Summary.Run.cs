using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau.Nn;

public sealed partial class Summary
{
    /// <summary>One run of a network, watched.</summary>
    sealed class Run : Watcher
    {
        /// <summary>What is known of a module.</summary>
        sealed class Seen(Module module, string name, string path, Seen? parent)
        {
            public readonly Module Module = module;
            public readonly string Name = name, Path = path;
            public readonly Seen? Parent = parent;
            public int Depth => Parent is null ? 0 : Parent.Depth + 1;
            public int Calls;
            public Dims[] Inputs = [], Outputs = [];
            public bool HasInputs, HasOutputs;
            public long MultiplyAdds, Bytes;

            public bool IsWithin(Seen? other)
            {
                for (Seen? s = this; s is not null; s = s.Parent) if (ReferenceEquals(s, other)) return true;
                return other is null;
            }
        }

        readonly int _thread = Environment.CurrentManagedThreadId;
        readonly Module _model;
        readonly List<Seen> _all = [];
        readonly Dictionary<Module, Seen> _byModule = new(ReferenceEqualityComparer.Instance);
        readonly Dictionary<Tensor, List<Seen>> _owners = new(ReferenceEqualityComparer.Instance);
        readonly Stack<Seen> _calls = new();
        ConditionalWeakTable<Storage, List<Seen>> _ofStorage = [];              // parameters, and what is computed from them alone

        public Run(Module model)
        {
            ArgumentNullException.ThrowIfNull(model);
            _model = model;
            Find(model, "", "", null);
        }

        void Find(Module m, string name, string path, Seen? parent)
        {
            if (_byModule.ContainsKey(m)) return;
            Seen s = new(m, name, path, parent);
            _byModule.Add(m, s);
            _all.Add(s);
            foreach ((string child, Module value) in m.NamedChildren()) Find(value, child, path.Length == 0 ? child : $"{path}.{child}", s);
        }

        public Summary Summarize(Action<bool> call, long? inputBytes)
        {
            Tensor[] state = [.. _model.Parameters(), .. _model.Buffers()];
            bool isMeta = state.All(t => t.Device.IsMeta) && state.Length > 0;
            bool[] training = [.. _all.Select(s => s.Module.IsTraining)];
            ILazy[] lazy = [.. _all.Select(s => s.Module).OfType<ILazy>().Where(m => !m.IsReady)];
            byte[] random = Generator.Default.GetState();
            try
            {
                foreach (Seen s in _all) s.Module.Mode(false);
                try { return OnMeta(state, lazy, () => Watched(() => call(true), inputBytes)); }
                catch (InvalidOperationException e) when (!isMeta && e.Message.Contains("meta device", StringComparison.Ordinal))
                {
                    return AsIs(state, lazy, () => Watched(() => call(false), inputBytes));     // it asks for values
                }
            }
            finally
            {
                for (int i = 0; i < _all.Count; i++) _all[i].Module.Mode(training[i]);
                Generator.Default.SetState(random);
            }
        }

        /// <summary>Runs with parameters and buffers that have shapes only.</summary>
        static Summary OnMeta(Tensor[] state, ILazy[] lazy, Func<Summary> run)
        {
            Tensor[] data = Array.ConvertAll(state, t => t.Window(t.Layout));
            try
            {
                foreach (Tensor t in state) t.SetData(Tensor.Empty(new TensorSpec(t.Shape, t.DType, Device.Meta)));
                using (Device.Meta.Use()) return run();
            }
            finally
            {
                for (int i = 0; i < state.Length; i++) state[i].SetData(data[i]);
                foreach (ILazy m in lazy) if (m.IsReady) m.Forget();
            }
        }

        /// <summary>Runs for real, and brings back what the run changed.</summary>
        static Summary AsIs(Tensor[] state, ILazy[] lazy, Func<Summary> run)
        {
            HashSet<Tensor> own = new(lazy.SelectMany(m => ((Module)m).Parameters(recurse: false)), ReferenceEqualityComparer.Instance);   // drawn once a size is known
            Tensor[] data = Array.ConvertAll(state, t => t.Window(t.Layout));
            Tensor?[] values = Array.ConvertAll(state, t => t is Module.Buffer || own.Contains(t) ? t.Detach().Clone() : null);
            int[] versions = Array.ConvertAll(state, t => t.Storage.Version);
            try { return run(); }
            finally
            {
                using var _ = Autograd.NoGrad();
                for (int i = 0; i < state.Length; i++)
                {
                    if (!ReferenceEquals(state[i].Storage, data[i].Storage)) state[i].SetData(data[i]);
                    if (values[i] is { } v && state[i].Storage.Version != versions[i]) state[i].CopyInPlace(v);
                }
                foreach (ILazy m in lazy) if (m.IsReady) m.Forget();
            }
        }

        Summary Watched(Action call, long? inputBytes)
        {
            foreach (Seen s in _all) (s.Calls, s.Inputs, s.Outputs, s.HasInputs, s.HasOutputs, s.MultiplyAdds, s.Bytes) = (0, [], [], false, false, 0, 0);
            (_ofStorage, _long) = ([], inputBytes);
            _owners.Clear();
            _calls.Clear();
            foreach (Seen s in _all)
                foreach (Parameter p in s.Module.Parameters(recurse: false))
                {
                    if (!_owners.TryGetValue(p, out List<Seen>? owners)) _owners.Add(p, owners = []);
                    owners.Add(s.Module is ParametrizationList ? s.Parent! : s);          // what a parameter is computed from is that module's
                    _ofStorage.AddOrUpdate(p.Storage, owners);
                }
            using (Autograd.NoGrad())
            using (Module.RegisterModuleForwardPreHook(Enter))
            using (Module.RegisterModuleForwardHook(Leave))
            {
                Watch();
                try { call(); }
                finally { Rest(); }
            }
            return Counted();
        }

        long? _long;

        bool IsMine => Environment.CurrentManagedThreadId == _thread;

        Tensor?[]? Enter(Module m, Tensor?[] inputs)
        {
            if (!IsMine || !_byModule.TryGetValue(m, out Seen? s)) return null;
            _calls.Push(s);
            if (s.Calls++ == 0) (s.Inputs, s.HasInputs) = (Shapes(inputs), true);
            if (s.Depth == 0) _long ??= inputs.Sum(t => t is null ? 0 : Summary.Bytes(t));
            return null;
        }

        Tensor?[]? Leave(Module m, Tensor?[] inputs, Tensor?[] results)
        {
            if (!IsMine || !_byModule.TryGetValue(m, out Seen? s)) return null;
            _calls.Pop();
            if (s.Calls == 1) (s.Outputs, s.HasOutputs) = (Shapes(results), true);
            return null;
        }

        static Dims[] Shapes(IEnumerable<Tensor?> tensors) => [.. tensors.Where(t => t is not null).Select(t => t!.Shape)];

        public override void Begin(Op op, Args inputs) { }

        public override void End(Op op, Args inputs, ReadOnlySpan<Tensor> results)
        {
            if (!IsMine || results.IsEmpty) return;
            List<Seen>? owners = null;
            bool onlyParameters = true;
            foreach (Tensor x in inputs)
                if (OwnersOf(x) is { } o) owners ??= o;
                else onlyParameters = false;
            if (owners is not null && onlyParameters) foreach (Tensor y in results) _ofStorage.AddOrUpdate(y.Storage, owners);

            Seen? top = _calls.Count > 0 ? _calls.Peek() : null;
            Seen s = owners is null || top is not null && owners.Contains(top) ? top ?? _all[0] : owners.Find(o => o.IsWithin(top)) ?? top ?? _all[0];
            s.MultiplyAdds += op.MultiplyAdds(inputs, results);
            if (op is not ViewOp)
                foreach (Tensor y in results)
                {
                    bool isNew = true;
                    foreach (Tensor x in inputs) isNew &= !ReferenceEquals(x.Storage, y.Storage);
                    if (isNew) s.Bytes += Summary.Bytes(y);
                }
            if (owners is null || onlyParameters || s.Calls > 0) return;
            if (!s.HasInputs) (s.Inputs, s.HasInputs) = (Shapes(inputs.ToArray().Where(x => OwnersOf(x) is null)), true);   // its Forward was called directly
            if (!s.HasOutputs) s.Outputs = [results[0].Shape];
        }

        List<Seen>? OwnersOf(Tensor x)
        {
            if (!_owners.TryGetValue(x, out List<Seen>? owners)) return _ofStorage.TryGetValue(x.Storage, out owners) ? owners : null;
            _ofStorage.AddOrUpdate(x.Storage, owners);                          // a lazy one has new memory
            return owners;
        }

        Summary Counted()
        {
            HashSet<Tensor> counted = new(ReferenceEqualityComparer.Instance);
            List<Row> rows = [];
            long parameterBytes = 0;
            foreach (Seen s in _all)
            {
                long all = 0, trainable = 0;
                foreach (Parameter p in s.Module.Parameters(recurse: false))
                {
                    if (!counted.Add(p)) continue;
                    all += p.Count;
                    if (p.RequiresGrad) trainable += p.Count;
                    parameterBytes += Summary.Bytes(p);
                }
                rows.Add(new(s.Name, s.Path, s.Module.GetType().Name.Split('`')[0], s.Depth, s.Calls, s.Inputs, s.Outputs, all, trainable, s.MultiplyAdds, s.Bytes));
            }
            return new(rows, _long ?? 0, parameterBytes, _model.Buffers().Sum(Summary.Bytes));
        }
    }
}
