using System.Text.Json.Nodes;
using Flambeau.Backends;
using Flambeau.IO;
using Flambeau.Optim;
using Xunit;

namespace Flambeau.Tests.Optim;

/// <summary>After the same steps the parameters are PyTorch's.</summary>
public class OptimizerCorpusTests
{
    public static TheoryData<string> Cases => new(Recorded.Names("optim.zip"));

    sealed class Problem(Recorded r)
    {
        public readonly Tensor[] P = [.. r.Case["initial"]!.AsArray().Select(p => r.Tensor(p).Detach().Clone().SetRequiresGrad())];

        public Tensor Loss() => ((r.Tensor(r.Case["x"]).MatMul(P[0].T) + P[1]).Tanh().MatMul(P[2].T) - r.Tensor(r.Case["y"])).Square().Mean();
    }

    static JsonObject Options(Recorded r)
    {
        JsonObject o = [];
        foreach ((string key, JsonNode? v) in r.Case["options"]!.AsObject())
        {
            JsonNode? plain = Recorded.Plain(v);
            string[] names = key switch { "betas" => ["beta1", "beta2"], "etas" => ["eta_minus", "eta_plus"], "step_sizes" => ["min_step_size", "max_step_size"], _ => [key] };
            for (int i = 0; i < names.Length; i++) o[names[i]] = (names.Length > 1 ? plain![i] : plain)?.DeepClone();
        }
        return o;
    }

    static ParamGroup<TOptions> Group<TOptions>(Tensor[] p, JsonObject o, TOptions options) where TOptions : OptimizerOptions
    {
        options.Load(o);
        return new(p, options);
    }

    static Optimizer Make(string name, Tensor[] p, JsonObject o) => name switch
    {
        "SGD" => new Sgd(Group(p, o, new SgdOptions())), "Adam" => new Adam(Group(p, o, new AdamOptions())), "AdamW" => new AdamW(Group(p, o, new AdamWOptions())),
        "RMSprop" => new RmsProp(Group(p, o, new RmsPropOptions())), "Adagrad" => new Adagrad(Group(p, o, new AdagradOptions())), "Adadelta" => new Adadelta(Group(p, o, new AdadeltaOptions())),
        "Adamax" => new Adamax(Group(p, o, new AdamaxOptions())), "NAdam" => new NAdam(Group(p, o, new NAdamOptions())), "RAdam" => new RAdam(Group(p, o, new RAdamOptions())),
        "ASGD" => new Asgd(Group(p, o, new AsgdOptions())), "Rprop" => new Rprop(Group(p, o, new RpropOptions())),
        _ => new Lbfgs(p, (double)o["lr"]!, historySize: (int)o["history_size"]!, lineSearchFn: (string)o["line_search_fn"]!),
    };

    static void Step(Optimizer optimizer, Problem problem) => optimizer.Step(() =>
    {
        optimizer.ZeroGrad();
        Tensor loss = problem.Loss();
        loss.Backward();
        return loss;
    });

    static void Run(string name, bool resume)
    {
        Recorded r = Recorded.Read("optim.zip", name);
        Problem problem = new(r);
        Optimizer Fresh() => Make((string)r.Case["optimizer"]!, problem.P, Options(r));
        Optimizer optimizer = Fresh();
        int done = 0;
        foreach (JsonNode? step in r.Case["steps"]!.AsArray())
        {
            for (; done < (int)step!["step"]!; done++) Step(optimizer, problem);
            for (int i = 0; i < problem.P.Length; i++)
            {
                double[] expected = r.Tensor(step["params"]![i]).ToArray<double>(), actual = problem.P[i].ToArray<double>();
                for (int k = 0; k < expected.Length; k++)
                    Assert.True(Math.Abs(expected[k] - actual[k]) <= Tolerance(name, done) * (1 + Math.Abs(expected[k])), $"{name}, step {done}, parameter {i}[{k}]: {expected[k]} expected, {actual[k]}");
            }
            if (!resume) continue;
            State state = optimizer.StateDict();
            state = new() { Tensors = state.Tensors, Values = JsonNode.Parse(state.Values.ToJsonString())!.AsObject() };
            optimizer = Fresh();
            optimizer.LoadStateDict(state);
        }
    }

    // PyTorch keeps some numbers of ASGD and NAdam in float32. LBFGS amplifies the last bits: PyTorch itself, begun 1e-15 away, ends 1e-3 away.
    static double Tolerance(string name, int step) => name.Contains("LBFGS") ? step <= 3 ? 1e-9 : 1e-2 : name.Contains("ASGD") || name.Contains("NAdam") ? 1e-7 : 1e-12;

    [Theory, MemberData(nameof(Cases))]
    public void Steps_are_those_of_PyTorch(string name) => Run(name, resume: false);

    [Theory, MemberData(nameof(Cases))]
    public void An_optimizer_resumed_from_its_state_goes_on_as_before(string name) => Run(name, resume: true);

    [Theory, MemberData(nameof(Cases))]
    public void Fused_steps_agree_with_the_reference(string name)
    {
        using (Backend.Reference.Use()) Run(name, resume: false);
    }
}
