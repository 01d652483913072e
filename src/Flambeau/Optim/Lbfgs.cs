using System.Globalization;
using Flambeau.Nn;

namespace Flambeau.Optim;

/// <summary>The options of <see cref="Lbfgs"/>.</summary>
public sealed record LbfgsOptions : OptimizerOptions
{
    /// <summary>PyTorch's defaults.</summary>
    public LbfgsOptions() => Lr = 1;

    /// <summary>The most iterations a step.</summary>
    public int MaxIter { get; set; } = 20;

    /// <summary>The most evaluations of the loss a step.</summary>
    public int MaxEval { get; set; } = 25;

    /// <summary>A step ends when no element of the gradient is larger.</summary>
    public double ToleranceGrad { get; set; } = 1e-7;

    /// <summary>A step ends when neither loss nor parameters change more.</summary>
    public double ToleranceChange { get; set; } = 1e-9;

    /// <summary>How many changes are remembered.</summary>
    public int HistorySize { get; set; } = 100;

    /// <summary><c>strong_wolfe</c>, or null for steps of fixed length.</summary>
    public string? LineSearchFn { get; set; }

    /// <inheritdoc/>
    protected internal override void Check()
    {
        base.Check();
        if (LineSearchFn is not (null or "strong_wolfe")) throw new ArgumentException($"LineSearchFn is \"strong_wolfe\" or null, not \"{LineSearchFn}\".");
        if (WeightDecay != 0 || Maximize) throw new ArgumentException("LBFGS knows neither WeightDecay nor Maximize.");
    }
}

/// <summary>
/// The limited-memory method of Broyden, Fletcher, Goldfarb and Shanno (Liu and Nocedal, 1989), for losses of all data. It takes
/// <see cref="Step(Func{Tensor})"/>. PyTorch's <c>torch.optim.LBFGS</c>.
/// </summary>
public sealed class Lbfgs : Optimizer<LbfgsOptions>
{
    /// <summary>For parameters with common options; see <see cref="LbfgsOptions"/>.</summary>
    public Lbfgs(IEnumerable<Tensor> parameters, double lr = 1, int maxIter = 20, int? maxEval = null, double toleranceGrad = 1e-7, double toleranceChange = 1e-9, int historySize = 100,
        string? lineSearchFn = null)
        : base([new(parameters, new()
        {
            Lr = lr, MaxIter = maxIter, MaxEval = maxEval ?? maxIter * 5 / 4, ToleranceGrad = toleranceGrad, ToleranceChange = toleranceChange, HistorySize = historySize,
            LineSearchFn = lineSearchFn,
        })]) { }

    /// <summary>The same for parameters with names, as <c>module.NamedParameters()</c> gives them: state dicts are then loaded by name. See <see cref="LbfgsOptions"/>.</summary>
    public Lbfgs(IEnumerable<(string Name, Parameter Value)> parameters, double lr = 1, int maxIter = 20, int? maxEval = null, double toleranceGrad = 1e-7, double toleranceChange = 1e-9, int historySize = 100,
        string? lineSearchFn = null)
        : base([new(parameters, new()
        {
            Lr = lr, MaxIter = maxIter, MaxEval = maxEval ?? maxIter * 5 / 4, ToleranceGrad = toleranceGrad, ToleranceChange = toleranceChange, HistorySize = historySize,
            LineSearchFn = lineSearchFn,
        })]) { }

    ParamGroup<LbfgsOptions> Group => ParamGroups[0];

    /// <summary>Always refused: the loss is evaluated several times a step.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public override void Step() => throw new InvalidOperationException("LBFGS evaluates the loss several times a step: call Step(closure).");

    /// <inheritdoc/>
    protected override void Update(Tensor parameter, Tensor gradient, LbfgsOptions options, ParameterState state) => throw new InvalidOperationException();

    /// <inheritdoc/>
    public override Tensor Step(Func<Tensor> closure)
    {
        if (ParamGroups.Count > 1) throw new InvalidOperationException("LBFGS works on one group of parameters.");
        using var _ = Autograd.NoGrad();
        LbfgsOptions o = Group.Options;
        ParameterState state = StateOf(Group.Parameters[0]);
        History history = new(state);

        double Evaluate()
        {
            using (Autograd.EnableGrad()) return closure().Item<double>();
        }

        Tensor first;
        using (Autograd.EnableGrad()) first = closure();
        double loss = first.Item<double>();
        int evaluations = 1;
        Tensor g = FlatGrad();
        state.Values["func_evals"] = state.Values.GetValueOrDefault("func_evals") + 1;
        if (Largest(g) <= o.ToleranceGrad) return first;

        Tensor? d = history.Direction;
        double t = state.Values.GetValueOrDefault("t"), iterations = state.Values.GetValueOrDefault("n_iter");
        for (int i = 1; i <= o.MaxIter; i++)
        {
            iterations++;
            if (d is null)
            {
                d = g.Neg();
                history.Clear();
            }
            else
            {
                Tensor y = g - history.PreviousGrad!, s = d * t;
                double ys = y.Dot(s).Item<double>();
                if (ys > 1e-10) history.Add(y, s, ys, o.HistorySize);
                d = history.Apply(g);
            }
            history.PreviousGrad = g.Clone();
            double before = loss;
            t = iterations == 1 ? Math.Min(1, 1 / g.Abs().Sum().Item<double>()) * o.Lr : o.Lr;
            double slope = g.Dot(d).Item<double>();
            if (slope > -o.ToleranceChange) break;

            int used = 0;
            bool done = false;
            if (o.LineSearchFn is not null)
            {
                Tensor[] start = [.. Group.Parameters.Select(p => p.Detach().Clone())];
                (double Loss, Tensor Grad) At(double at)
                {
                    Move(at, d);
                    double f = Evaluate();
                    Tensor gradient = FlatGrad();
                    for (int k = 0; k < start.Length; k++) Group.Parameters[k].CopyInPlace(start[k]);
                    return (f, gradient);
                }
                (loss, g, t, used) = LineSearch.StrongWolfe(At, t, d, loss, g, slope);
                Move(t, d);
                done = Largest(g) <= o.ToleranceGrad;
            }
            else
            {
                Move(t, d);
                if (i != o.MaxIter)
                {
                    loss = Evaluate();
                    g = FlatGrad();
                    done = Largest(g) <= o.ToleranceGrad;
                    used = 1;
                }
            }
            evaluations += used;
            state.Values["func_evals"] += used;
            if (i == o.MaxIter || evaluations >= o.MaxEval || done || Largest(d * t) <= o.ToleranceChange || Math.Abs(loss - before) < o.ToleranceChange) break;
        }
        history.Direction = d;
        state.Values["t"] = t;
        state.Values["n_iter"] = iterations;
        return first;
    }

    static double Largest(Tensor x) => x.Abs().Max().Item<double>();

    Tensor FlatGrad() => Tensor.Cat([.. Group.Parameters.Select(p => (p.Grad ?? Tensor.ZerosLike(p)).Reshape(-1))]).Detach();

    void Move(double by, Tensor direction)
    {
        long at = 0;
        foreach (Tensor p in Group.Parameters)
        {
            p.AddInPlace(direction.Narrow(0, at, p.Count).Reshape(p.Shape), by);
            at += p.Count;
        }
    }

    private protected override void CheckStateShape(string key, Tensor state, Tensor parameter)
    {
        long n = ParamGroups.Sum(g => g.Parameters.Sum(p => p.Count));
        if (state.Shape != new Dims([n])) throw new ArgumentException($"LoadStateDict: {key} has shape {state.Shape}; the parameters have {n} elements.", nameof(state));
    }

    /// <summary>The last changes of gradient and parameters, kept among the state's tensors.</summary>
    sealed class History(ParameterState state)
    {
        int Count { get => (int)state.Values.GetValueOrDefault("history"); set => state.Values["history"] = value; }

        public Tensor? Direction { get => state.Tensors.GetValueOrDefault("d"); set => state.Tensors["d"] = value!; }

        public Tensor? PreviousGrad { get => state.Tensors.GetValueOrDefault("prev_flat_grad"); set => state.Tensors["prev_flat_grad"] = value!; }

        static string Key(string name, int i) => $"{name}.{i.ToString(CultureInfo.InvariantCulture)}";

        Tensor Y(int i) => state.Tensors[Key("old_dirs", i)];
        Tensor S(int i) => state.Tensors[Key("old_stps", i)];
        double Ro(int i) => state.Values[Key("ro", i)];

        public void Clear()
        {
            Count = 0;
            state.Values["h_diag"] = 1;
        }

        public void Add(Tensor y, Tensor s, double ys, int size)
        {
            if (Count == size)
            {
                for (int i = 1; i < size; i++)
                    (state.Tensors[Key("old_dirs", i - 1)], state.Tensors[Key("old_stps", i - 1)], state.Values[Key("ro", i - 1)]) = (Y(i), S(i), Ro(i));
                Count--;
            }
            int last = Count++;
            (state.Tensors[Key("old_dirs", last)], state.Tensors[Key("old_stps", last)], state.Values[Key("ro", last)]) = (y, s, 1 / ys);
            state.Values["h_diag"] = ys / y.Dot(y).Item<double>();
        }

        /// <summary>−H·g by the two loops.</summary>
        public Tensor Apply(Tensor g)
        {
            double[] al = new double[Count];
            Tensor q = g.Neg();
            for (int i = Count - 1; i >= 0; i--)
            {
                al[i] = S(i).Dot(q).Item<double>() * Ro(i);
                q.AddInPlace(Y(i), -al[i]);
            }
            Tensor r = q * state.Values["h_diag"];
            for (int i = 0; i < Count; i++) r.AddInPlace(S(i), al[i] - Y(i).Dot(r).Item<double>() * Ro(i));
            return r;
        }
    }
}
