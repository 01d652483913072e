using Flambeau.Datasets;
using Flambeau.Nn;
using Flambeau.Optim;
using Xunit;

namespace Flambeau.Training.Tests;

/// <summary>Draws from the generator that everybody shares: one after the other.</summary>
[CollectionDefinition(nameof(DefaultGenerator))]
public class DefaultGenerator;

[Collection(nameof(DefaultGenerator))]
public sealed class TrainerTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("flambeau-trainer-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    sealed class Silent : ITrainingProgress
    {
        public Action? OnStep { get; init; }
        public List<string> Notes { get; } = [];
        public void Start(TrainingPlan plan) { }
        public void Step(StepReport report) => OnStep?.Invoke();
        public void Epoch(EpochReport report) { }
        public void Note(string message) => Notes.Add(message);
        public void Dispose() { }
    }

    /// <summary>A run over a small problem with chance in the order, in dropout and in the first weights.</summary>
    (Sequential Model, TrainingResult Result) Run(string run, bool resume = false, CancellationTokenSource? stop = null, Action? onStep = null, int epochs = 3, int? patience = null,
        double rate = 0.05, int accumulate = 1)
    {
        Generator.ManualSeed(7);
        Tensor x = Tensor.Randn([90, 4], null, new Generator(1)), y = (x.Select(1, 0) * x.Select(1, 1)).Gt(0).To(DType.Int64);
        Sequential model = new(new Linear(4, 16), new BatchNorm1d(16), new Relu(), new Dropout(0.2), new Linear(16, 2));
        AdamW optimizer = new(model.Parameters(), lr: rate);
        DataLoader<(Tensor Input, Tensor Target)> train = new(new TensorDataset(x, y), 8, shuffle: true, seed: 3), test = new(new TensorDataset(x, y), 30);
        Trainer trainer = new(model, model.Call, (p, t) => F.CrossEntropy(p, t), optimizer)
        {
            Epochs = epochs, RunFolder = Path.Combine(_folder, run), CheckpointInterval = TimeSpan.Zero, StepSchedulerPerBatch = true, ClipNorm = 1, AccumulateBatches = accumulate,
            Scheduler = new CosineAnnealingLR(optimizer, 36), Progress = new Silent { OnStep = onStep }, Patience = patience,
        };
        return (model, trainer.Fit(train, test, resume, stop?.Token ?? TestContext.Current.CancellationToken));
    }

    static float[] Weights(Sequential model) => [.. model.StateDict().Values.SelectMany(t => t.ToArray<float>())];

    [Theory, InlineData(1), InlineData(2)]
    public void A_run_stopped_anywhere_and_resumed_ends_with_the_same_bits(int accumulate)
    {
        float[] whole = Weights(Run("whole", accumulate: accumulate).Model);
        foreach (int at in (int[])[1, 5, 12, 13, 20, 24, 30])
        {
            string run = $"stopped-{at}";
            using CancellationTokenSource stop = new();
            int steps = 0;
            Assert.True(Run(run, false, stop, () => { if (++steps == at) stop.Cancel(); }, accumulate: accumulate).Result.WasCancelled);
            (Sequential model, TrainingResult result) = Run(run, resume: true, accumulate: accumulate);
            Assert.Equal(3, result.History.Count);
            Assert.Equal(whole, Weights(model));
            Assert.Equal(File.ReadAllText(Path.Combine(_folder, "whole", "log.csv")), File.ReadAllText(Path.Combine(_folder, run, "log.csv")));
        }
    }

    [Fact]
    public void The_number_of_threads_does_not_change_a_bit()
    {
        int threads = Threads.Count;
        try
        {
            Threads.Count = 1;
            float[] one = Weights(Run("one").Model);
            Threads.Count = 3;
            Assert.Equal(one, Weights(Run("three").Model));
        }
        finally { Threads.Count = threads; }
    }

    [Fact]
    public void A_run_leaves_checkpoint_best_weights_log_and_curves()
    {
        Run("run");
        string[] files = ["best.safetensors", "checkpoint.safetensors", "curves.png", "log.csv"];
        Assert.Equal(files, Directory.GetFiles(Path.Combine(_folder, "run")).Select(Path.GetFileName).Order());
        Assert.Equal(4, File.ReadAllLines(Path.Combine(_folder, "run", "log.csv")).Length);
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused_and_left_as_it_is()
    {
        Run("run");
        string path = Path.Combine(_folder, "run", "checkpoint.safetensors");
        byte[] content = File.ReadAllBytes(path);
        content[^9] ^= 1;
        File.WriteAllBytes(path, content);
        Assert.Contains("altered", Assert.Throws<InvalidDataException>(() => Run("run", resume: true, epochs: 5)).Message);
        Assert.Equal(content, File.ReadAllBytes(path));
    }

    [Fact]
    public void Training_stops_early_where_nothing_gets_better() => Assert.InRange(Run("run", epochs: 60, patience: 2, rate: 1e-12).Result.History.Count, 1, 59);

    [Fact]
    public void A_loss_that_is_no_number_ends_training_with_advice() =>
        Assert.Contains("learning rate", Assert.Throws<ArithmeticException>(() => Run("run", epochs: 40, rate: 1e38)).Message);
}
