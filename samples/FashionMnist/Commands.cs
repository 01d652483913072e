using System.Globalization;
using Flambeau.Datasets;
using Flambeau.IO;
using Flambeau.Nn;
using Flambeau.Optim;
using Flambeau.Training;
using Flambeau.Vision;
using Flambeau.Vision.Datasets;

namespace Flambeau.Samples.FashionMnist;

static class Commands
{
    /// <summary>Trains, or goes on training; answers the exit code.</summary>
    public static async Task<int> TrainAsync(Settings settings, CancellationToken cancellation)
    {
        try
        {
            return await Task.Run(() => Train(settings, cancellation), CancellationToken.None);   // the caller's thread listens for Ctrl-C
        }
        catch (OperationCanceledException) { return Fail("Stopped.", 130); }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or ArithmeticException or HttpRequestException or OutOfMemoryException)
        {
            return Fail(e.Message, 1);
        }
    }

    static async Task<int> Train(Settings settings, CancellationToken cancellation)
    {
        string folder = settings.Resume ?? Path.Combine(settings.Output, DateTime.Now.ToString("yyyy-MM-dd-HHmmss", CultureInfo.InvariantCulture));
        string checkpoint = Path.Combine(folder, "checkpoint.safetensors");
        if (settings.Resume is not null)
        {
            if (!Directory.Exists(folder)) return Fail($"There is no run in '{folder}'.", 2);
            // A run killed before its first checkpoint has its options only: it begins anew.
            settings = settings.With(RunOptions.Load(folder));
        }
        else RunOptions.Save(folder, settings.ToDictionary());

        Threads.Count = settings.Threads;
        Vision.Datasets.FashionMnist images = await Load(settings.Data, cancellation);
        Generator.ManualSeed(settings.Seed);
        Network model = new();
        DataLoader<(Tensor Input, Tensor Target)> train = new(new GarmentImages(images.Train, varies: true), settings.BatchSize, shuffle: true, numWorkers: settings.Workers, seed: settings.Seed);
        DataLoader<(Tensor Input, Tensor Target)> test = new(new GarmentImages(images.Test, varies: false), 250, numWorkers: settings.Workers);
        AdamW optimizer = new(model.Parameters(), lr: settings.Rate, weightDecay: 0.02);
        Trainer trainer = new(model, model.Call, (y, t) => F.CrossEntropy(y, t, labelSmoothing: 0.05), optimizer)
        {
            Epochs = settings.Epochs, RunFolder = folder, CheckpointInterval = TimeSpan.FromSeconds(settings.CheckpointEvery), StepSchedulerPerBatch = true,
            Scheduler = new OneCycleLR(optimizer, settings.Rate, totalSteps: settings.Epochs * train.Count),
        };
        Console.WriteLine($"{images.Train.Count:N0} training and {images.Test.Count:N0} test images, {model.Parameters().Sum(p => p.Count):N0} parameters, {Threads.Count} threads. Run: {folder}");
        TrainingResult result = trainer.Fit(train, test, resume: settings.Resume is not null, cancellation);
        if (result.WasCancelled)
        {
            Console.WriteLine($"To go on: dotnet run -c Release --project samples/FashionMnist -- --resume {folder}");
            return 130;
        }
        double accuracy = Report.Write(model, images.Test, folder);
        Console.WriteLine($"Accuracy on {images.Test.Count:N0} test images: {accuracy:P2}. Pictures, log and weights are in {folder}.");
        return 0;
    }

    static async Task<Vision.Datasets.FashionMnist> Load(string data, CancellationToken cancellation)
    {
        if (data == "embedded") return Vision.Datasets.FashionMnist.Read(Path.Combine(AppContext.BaseDirectory, "data"));
        string last = "";
        Progress<DownloadProgress> progress = new(p =>
        {
            string line = $"{p.FileName}: {p.Received / 1e6:F0} MB" + (p.Total is { } t ? $" of {t / 1e6:F0} MB" : "");
            if (line != last) Console.WriteLine(last = line);
        });
        return await new FashionMnistSource().GetAsync(progress, cancellation);
    }

    /// <summary>Says what a picture shows; answers the exit code.</summary>
    public static int Predict(string run, string picture)
    {
        try
        {
            string weights = Path.Combine(run, "weights.safetensors");
            if (!File.Exists(weights)) weights = Path.Combine(run, "best.safetensors");
            if (!File.Exists(weights)) return Fail($"'{run}' holds no weights: it is not the folder of a run, or its first epoch was not finished.", 2);
            Network model = new();
            model.LoadStateDict(SafeTensors.Load(weights).Tensors);
            model.Eval();
            using var _ = Autograd.InferenceMode();
            float[] share = F.Softmax(model.Call(Garment.Read(picture)), 1).ToArray<float>();
            foreach (int k in Enumerable.Range(0, share.Length).OrderByDescending(k => share[k]).Take(3))
                Console.WriteLine($"{share[k],6:P1}  {Vision.Datasets.FashionMnist.ClassNames[k]}");
            return 0;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or KeyNotFoundException or ArgumentException)
        {
            return Fail(e.Message, 1);
        }
    }

    static int Fail(string message, int code)
    {
        Console.Error.WriteLine(message);
        return code;
    }
}
